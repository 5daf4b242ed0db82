import Containers

/// Looks whether the functions' addresses are somebody else's, too.
struct SubnetCheck: Sendable {
    let subnet: Subnet

    func findings(_ used: UsedSubnets) -> [Finding] {
        let (others, length) = used.overlapping("\(subnet)")
        guard !others.isEmpty else { return [.fine("the functions' addresses \(subnet) are nobody else's")] }
        return others.map { range in
            let text = "the functions' addresses \(subnet) are also those of \(range.user)"
            let fix =
                "choose a free range with the setting subnet; then: systemctl stop faasd; faasd down; systemctl start faasd"
            // A more general route loses against the bridge's; only its machines in our range are not reached.
            return range.length < length ? .warning(text, fix: fix) : .problem(text, fix: fix)
        }
    }
}
