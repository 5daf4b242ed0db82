def handle(event, context):
    """Handles a request.

    event has body (bytes), headers, method, query and path; context has hostname.
    """
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain"},
        "body": "Hello from OpenFaaS!",
    }
