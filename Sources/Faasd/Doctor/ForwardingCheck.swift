/// Looks whether the kernel passes packets on between the functions and everything else.
enum ForwardingCheck {
    static func findings(_ file: String = "/proc/sys/net/ipv4/ip_forward") -> [Finding] {
        guard let text = TextFile.read(file), text.hasPrefix("0") else { return [] }
        return [
            .problem(
                "the kernel does not pass packets on (net.ipv4.ip_forward is 0), so functions reach nothing outside",
                fix: "sysctl -w net.ipv4.ip_forward=1, and see what in /etc/sysctl.d sets it to 0")
        ]
    }
}
