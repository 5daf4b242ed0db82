import ArgumentParser
import Containers
import OpenFaaSAPI

/// `faasd version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("faasd \(Version.release)\tcommit: \(Version.info.sha)")
        print("libseccomp \(Seccomp.version)\tfilters: \(Seccomp.isFilterSupported ? "supported" : "not supported")")
    }
}
