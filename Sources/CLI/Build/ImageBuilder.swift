import Foundation

/// The program that makes images.
///
/// Its arguments are public on this machine, so no password is ever among them: registries' passwords are in the
/// programs' own files.
enum ImageBuilder: String, CaseIterable, Sendable {
    case buildah, nerdctl, docker

    /// The variable that chooses one.
    static let variable = "FAAS_BUILDER"

    /// The one that was chosen, else the first that is there.
    static func choose(_ flag: String?, _ surroundings: Surroundings) throws -> ImageBuilder {
        if let name = flag ?? surroundings[variable] {
            guard let builder = ImageBuilder(rawValue: name) else {
                throw CLIError(.usage, "\"\(name)\" is no builder: choose buildah, nerdctl or docker")
            }
            guard Program.exists(name, surroundings) else {
                throw CLIError(.program, "\(name) is not installed")
            }
            return builder
        }
        guard let builder = allCases.first(where: { Program.exists($0.rawValue, surroundings) }) else {
            throw CLIError(
                .program,
                "there is no program to build images: install buildah (apt install buildah), nerdctl or docker")
        }
        return builder
    }

    /// The arguments that build an image.
    func build(_ request: BuildRequest, surroundings: Surroundings) -> [String] {
        var words = self == .buildah ? ["bud", "--layers"] : ["build"]
        // Works in containers and for users other than root, and asks nothing of the machine but a chroot.
        if self == .buildah, surroundings["BUILDAH_ISOLATION"] == nil { words += ["--isolation", "chroot"] }
        if request.noCache { words.append("--no-cache") }
        if request.squash { words.append("--squash") }
        for (name, value) in request.arguments { words += ["--build-arg", "\(name)=\(value)"] }
        for label in request.labels { words += ["--label", label] }
        if request.pull { words.append(self == .buildah ? "--pull-always" : "--pull") }
        for (id, path) in request.secrets { words += ["--secret", "id=\(id),src=\(path)"] }
        return words + ["--tag", request.image, request.directory]
    }

    /// The arguments that write an image to an archive under its complete name.
    ///
    /// Docker's form, because buildah compresses the layers of the other one, which takes longer than everything else.
    func export(_ image: String, to file: String) -> [String] {
        switch self {
        case .buildah: ["push", "--quiet", image, "docker-archive:\(file):\(FunctionImage.complete(image))"]
        case .nerdctl, .docker: ["save", "--output", file, image]
        }
    }

    /// The arguments that send an image to its registry.
    func push(_ image: String, quiet: Bool) -> [String] {
        switch self {
        case .buildah: ["push"] + (quiet ? ["--quiet"] : []) + [image, "docker://\(FunctionImage.complete(image))"]
        case .nerdctl, .docker: ["push"] + (quiet ? ["--quiet"] : []) + [image]
        }
    }

    func program(_ surroundings: Surroundings, environment: [String: String] = [:]) -> Program {
        Program(name: rawValue, environment: environment, directory: surroundings.directory)
    }
}
