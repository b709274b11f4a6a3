import Console

CommandLineTool.tinygpt.runProcess()
