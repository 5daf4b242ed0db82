/// Which addresses the functions are to have.
enum SubnetChoice: Equatable {
    /// Those of the settings; nobody else has them.
    case keep
    /// Others, because somebody has those that faasd has when nothing is said.
    case choose(String, user: String)
    /// Those of the settings, which were asked for, though somebody else has them.
    case conflict(user: String)

    /// - Parameter isGiven: whether the subnet was asked for.
    static func of(_ subnet: String, isGiven: Bool, used: UsedSubnets) -> SubnetChoice {
        guard let user = used.user(of: subnet) else { return .keep }
        guard !isGiven, let free = used.free() else { return .conflict(user: user) }
        return .choose(free, user: user)
    }

    func finding(_ subnet: String) -> Finding {
        switch self {
        case .keep: .fine("\(subnet) is free for functions")
        case .choose(let other, let user):
            .fine("\(subnet) belongs to \(user), so functions get \(other); config.yaml says so")
        case .conflict(let user):
            .problem(
                "\(subnet), which functions are to get, belongs to \(user)",
                fix: "choose a free range: sudo faasd install --subnet 10.200.0.0/16")
        }
    }
}
