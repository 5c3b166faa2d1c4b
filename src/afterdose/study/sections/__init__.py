"""The report's sections: each builds one statement from everybody's outcomes."""
