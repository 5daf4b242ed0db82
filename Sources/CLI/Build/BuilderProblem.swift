/// What a builder's words mean for its user.
enum BuilderProblem {
    private static let hints: [(words: String, hint: String)] = [
        ("xec format error", "programs of other platforms need the package qemu-user-static"),
        (
            "insufficient UIDs or GIDs",
            "a user other than root needs a range of ids: sudo usermod --add-subuids 100000-165535 --add-subgids "
                + "100000-165535 $USER"
        ),
        ("newuidmap", "a user other than root needs the package uidmap"),
        ("cannot clone", "this machine does not let users make user namespaces: build as root"),
        ("Error during unshare", "this machine does not let users make user namespaces: build as root"),
    ]

    /// What to do about it, behind a semicolon; nothing where that is not known.
    static func hint(_ output: String) -> String {
        hints.first { output.contains($0.words) }.map { "; " + $0.hint } ?? ""
    }
}
