import Console

CommandLineTool.lessons.runProcess()
