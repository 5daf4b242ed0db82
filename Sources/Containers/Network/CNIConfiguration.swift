/// The JSON that goes to plugins, after the CNI specification, version 0.4.0.
///
/// It is put together as text, because every value in it is checked (``CNISettings``) and the result of a plugin
/// must go to the next one byte for byte.
struct CNIConfiguration {
    static let version = "0.4.0"

    let settings: CNISettings

    /// A plugin of the network, as it stands in the list: its type, and its members without the braces.
    struct Plugin: Equatable {
        var type: String
        var members: String
    }

    /// First the bridge, then the rules that let its traffic pass the host's firewall.
    var plugins: [Plugin] {
        let ipam =
            #"{"type":"host-local","subnet":"\#(settings.subnet)","dataDir":\#(Self.quoted(leaseDirectory)),"#
            + #""routes":[{"dst":"0.0.0.0/0"}]}"#
        return [
            Plugin(
                type: "bridge",
                members: #""type":"bridge","bridge":"\#(settings.bridge)","isGateway":true,"ipMasq":true,"#
                    + #""ipam":\#(ipam)"#),
            Plugin(type: "firewall", members: #""type":"firewall""#),
        ]
    }

    /// Where `host-local` keeps the addresses that are taken, one file each, in a folder named as the network.
    var leaseDirectory: String { settings.dataDirectory }

    /// The whole list, as other programs read it from a `.conflist` file.
    var list: String {
        let plugins = plugins.map { "    {\($0.members)}" }.joined(separator: ",\n")
        return """
            {
              "cniVersion": "\(Self.version)",
              "name": "\(settings.networkName)",
              "plugins": [
            \(plugins)
              ]
            }

            """
    }

    /// What one plugin reads on its standard input.
    func input(_ plugin: Plugin, previousResult: String?) -> String {
        let result = previousResult.map { #","prevResult":\#($0)"# } ?? ""
        return #"{"cniVersion":"\#(Self.version)","name":"\#(settings.networkName)",\#(plugin.members)\#(result)}"#
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }
}
