import OpenFaaSAPI

/// The autoscaler in `/metrics`: where OpenFaaS's own has a name for it, with that name (docs "metrics").
struct ScalingMetrics {
    let autoscaler: Autoscaler

    func write(to page: inout Exposition) {
        let functions = autoscaler.current
        let gauges: [(name: String, help: String, value: (Autoscaler.Load) -> Double?)] = [
            ("gateway_service_target", "Load that a replica is meant to bear", { $0.settings.target }),
            ("gateway_service_min", "The fewest replicas", { Double($0.settings.minimum) }),
            ("faasd_function_load", "Load by the function's measure", { $0.load }),
        ]
        for gauge in gauges {
            page.family(gauge.name, .gauge, help: gauge.help)
            for function in functions {
                guard let value = gauge.value(function) else { continue }
                page.series(
                    gauge.name,
                    [("function_name", "\(function.name)"), ("scaling_type", function.settings.kind.rawValue)], value)
            }
        }
    }
}
