# The body of the request is standard input; what is printed is the answer.
cat
