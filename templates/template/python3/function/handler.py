def handle(req):
    """Handles a request.

    Args:
        req (str): the body of the request

    Returns:
        str: the answer
    """
    return req
