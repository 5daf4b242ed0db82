/// What an image is to be made of, for whichever program makes it.
struct BuildRequest: Equatable, Sendable {
    /// The name that the image gets, with its tag.
    var image: String
    /// The folder with the Dockerfile.
    var directory: String
    /// In the order of their names.
    var arguments: [(name: String, value: String)] = []
    var labels: [String] = []
    /// By id, absolute paths of files.
    var secrets: [(id: String, path: String)] = []
    var noCache = false
    var squash = false
    /// Whether base images are fetched again.
    var pull = false
    /// Such as `linux/arm64`; none for this machine's. The images of several come together under the one name.
    var platforms: [String] = []

    static func == (left: BuildRequest, right: BuildRequest) -> Bool {
        left.image == right.image && left.directory == right.directory
            && left.arguments.elementsEqual(right.arguments, by: ==) && left.labels == right.labels
            && left.secrets.elementsEqual(right.secrets, by: ==) && left.noCache == right.noCache
            && left.squash == right.squash && left.pull == right.pull && left.platforms == right.platforms
    }
}
