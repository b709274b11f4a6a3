print("tinygpt")
