"""What dynemu does of the service's API and where it differs: data for the command line and documents."""
