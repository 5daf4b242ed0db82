import Foundation
import Glibc

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
        // Unless it is told, buildah leaves the container of a step that has failed. It takes layers of another platform
        // out of what it keeps, where a Dockerfile begins with nothing.
        let keepsLayers = self != .buildah || request.platforms.isEmpty
        var words = self == .buildah ? ["bud", "--force-rm"] : ["build"]
        if self == .buildah, keepsLayers { words.append("--layers") }
        // Works in containers and for users other than root, and asks nothing of the machine but a chroot.
        if self == .buildah, surroundings["BUILDAH_ISOLATION"] == nil { words += ["--isolation", "chroot"] }
        if request.noCache || !keepsLayers { words.append("--no-cache") }
        if request.squash { words.append("--squash") }
        for (name, value) in request.arguments { words += ["--build-arg", "\(name)=\(value)"] }
        for label in request.labels { words += ["--label", label] }
        if request.pull { words.append(self == .buildah ? "--pull-always" : "--pull") }
        for (id, path) in request.secrets { words += ["--secret", "id=\(id),src=\(path)"] }
        if !request.platforms.isEmpty { words += ["--platform", request.platforms.joined(separator: ",")] }
        // buildah has a name for the list of several images, and one for each of them.
        let name = self == .buildah && request.platforms.count > 1 ? "--manifest" : "--tag"
        return words + [name, request.image, request.directory]
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
    ///
    /// - Parameters:
    ///   - other: the name that it gets there, if it is another one.
    ///   - isList: whether it is the list of images for several platforms.
    ///   - credentials: a file of them.
    func push(
        _ image: String, as other: String? = nil, isList: Bool = false, quiet: Bool, credentials: String? = nil
    ) -> [String] {
        let target = FunctionImage.complete(other ?? image)
        let quiet = quiet ? ["--quiet"] : []
        switch self {
        case .buildah:
            var words = (isList ? ["manifest", "push", "--all"] : ["push"]) + quiet
            if let credentials { words += ["--authfile", credentials] }
            if FunctionImage.isLocal(target) { words.append("--tls-verify=false") }
            return words + [image, "docker://\(target)"]
        case .nerdctl: return ["push"] + (isList ? ["--all-platforms"] : []) + quiet + [target]
        case .docker: return ["push"] + quiet + [target]
        }
    }

    func program(_ surroundings: Surroundings, environment: [String: String] = [:]) -> Program {
        var environment = environment
        // Without a session, as over `su` or in CI, buildah finds no place of its own.
        if self == .buildah, geteuid() != 0, surroundings["XDG_RUNTIME_DIR"] == nil,
            let folder = try? LocalFile.ownFolder("faas-cli-run-\(geteuid())")
        {
            environment["XDG_RUNTIME_DIR"] = folder
        }
        return Program(name: rawValue, environment: environment, directory: surroundings.directory)
    }
}
