extension Cgroup {
    /// Stops all processes of the task where they are. They use no CPU until they are thawed.
    ///
    /// The kernel finishes on its own a moment later; see ``isFrozen``.
    public func freeze() throws(ContainersError) {
        switch layout {
        case .v1: try SmallFile.write("FROZEN", to: freezerFile, before: .present)
        case .v2: try SmallFile.write("1", to: freezerFile, before: .present)
        }
    }

    /// Lets the processes of the task go on. A task that is not frozen stays as it is.
    public func thaw() throws(ContainersError) {
        switch layout {
        case .v1: try SmallFile.write("THAWED", to: freezerFile, before: .present)
        case .v2: try SmallFile.write("0", to: freezerFile, before: .present)
        }
    }

    /// Whether all processes are stopped. False when the cgroup is gone.
    public var isFrozen: Bool {
        switch layout {
        case .v1: SmallFile.read(freezerFile)?.hasPrefix("FROZEN") ?? false
        case .v2(let directory): SmallFile.read("\(directory)/cgroup.events")?.contains("frozen 1") ?? false
        }
    }

    /// The directory with the switch; nil when the controller is not there.
    var freezerDirectory: String? {
        switch layout {
        case .v1(let directories): directories["freezer"]
        case .v2(let directory): directory
        }
    }

    private var freezerFile: String {
        switch layout {
        case .v1: "\(freezerDirectory ?? "")/freezer.state"
        case .v2(let directory): "\(directory)/cgroup.freeze"
        }
    }
}
