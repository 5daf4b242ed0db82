/// Answers one call. What is printed goes to the log; an error that is thrown is status 500.
func handle(_ request: Request) throws -> Response {
    Response(request.text)
}
