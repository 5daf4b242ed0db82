import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The number of replicas by hand.
@Suite(.serialized) struct ScaleTests {
    private func status(_ daemon: Daemon) async throws -> FunctionStatus {
        let answer = try await daemon.admin()("GET", "/system/function/f")
        return try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
    }

    @Test(arguments: Setup.allCases) func upDownAndToZeroAndBack(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let body = """
                {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat",
                 "labels":{"com.openfaas.scale.min":"2","com.openfaas.scale.max":"3"}}
                """
            #expect(try await admin("POST", "/system/functions", body: body).status == 202)
            try await eventually("two replicas serve") { try await status(daemon).availableReplicas == 2 }
            // More than the label allows is cut to it.
            let many = #"{"serviceName":"f","replicas":9}"#
            #expect(try await admin("POST", "/system/scale-function/f", body: many).status == 202)
            try await eventually("three replicas serve") { try await status(daemon).availableReplicas == 3 }
            #expect(try await admin("POST", "/system/scale-function/f", body: #"{"replicas":0}"#).status == 202)
            try await eventually("two replicas are frozen, and the third is gone") {
                try await status(daemon).instances?.map(\.state) == [.frozen, .frozen]
            }
            let atZero = try await status(daemon)
            #expect(atZero.replicas == 0 && atZero.availableReplicas == 0)
            #expect(try await daemon.curl("POST", "/function/f", body: "wake").body == "wake")
            try await eventually("two replicas serve again") { try await status(daemon).availableReplicas == 2 }
            #expect(try await admin("POST", "/system/scale-function/none", body: #"{"replicas":1}"#).status == 404)
            #expect(try await admin("POST", "/system/scale-function/f", body: #"{"replicas":-1}"#).status == 400)
            #expect(try await admin("POST", "/system/scale-function/f", body: #"{"replicas":999}"#).status == 400)
        }
    }
}
