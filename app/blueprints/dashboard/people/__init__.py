"""People whose data a project holds, over the API and by command."""
