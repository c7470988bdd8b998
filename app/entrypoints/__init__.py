"""Where the service begins: the command, what gunicorn is told, and the app that workers load."""
