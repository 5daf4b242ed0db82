import Testing

@testable import Containers

@Suite struct CtrFailureTests {
    @Test(arguments: [
        ("daemon-no-socket", CtrFailure.Request.question, ContainersError.Code.unavailable),
        ("daemon-refused", .pull, .unavailable),
        ("daemon-refused", .run, .unavailable),
        ("info-absent", .question, .notFound),
        ("kill-absent", .question, .notFound),
        ("kill-stopped", .question, .notFound),
        ("kill-no-task", .question, .notFound),
        ("delete-task-absent", .question, .notFound),
        ("delete-task-none", .question, .notFound),
        ("delete-container-absent", .question, .notFound),
        ("delete-snapshot-absent", .question, .notFound),
        ("content-absent", .question, .notFound),
        ("delete-container-running", .question, .internalError),
        ("namespace-exists", .question, .alreadyExists),
        ("namespace-not-empty", .question, .invalidArgument),
        ("run-name-taken", .run, .alreadyExists),
        ("run-image-missing", .run, .imageNotFound),
        ("run-no-program", .run, .startFailed),
        ("run-no-mount-source", .run, .startFailed),
        ("run-no-log-program", .run, .startFailed),
        ("run-no-netns", .run, .startFailed),
        ("run-small-memory", .run, .startFailed),
        ("exec-no-program", .exec, .startFailed),
        ("exec-stopped", .exec, .notFound),
        ("exec-absent", .exec, .notFound),
        ("exec-no-task", .exec, .notFound),
        ("exec-fails-itself", .exec, .internalError),
        ("pull-not-found", .pull, .imageNotFound),
        ("pull-no-tag", .pull, .imageNotFound),
        ("pull-unauthorized", .pull, .unauthorized),
        ("pull-wrong-password", .pull, .unauthorized),
        ("pull-refused", .pull, .registryUnreachable),
        ("pull-no-host", .pull, .registryUnreachable),
        ("import-not-an-archive", .importArchive, .invalidImage),
        ("import-no-image", .importArchive, .invalidImage),
    ])
    func code(recording: String, request: CtrFailure.Request, code: ContainersError.Code) throws {
        let failure = CtrFailure(result: try Recorded.failure(recording), request: request)
        #expect(failure.code == code)
        let error = failure.error(about: "container \"x\"")
        #expect(!error.message.isEmpty)
        #expect(!error.message.hasSuffix("."))
        #expect(!error.message.contains("\n"))
    }

    @Test func theProgramsReasonIsShown() throws {
        let failure = CtrFailure(result: try Recorded.failure("run-no-program"), request: .run)
        #expect(
            failure.error(about: "container \"x\"").message
                == "container \"x\" could not be started: \"/nope\": stat /nope: no such file or directory")
    }

    @Test func pathsOfTheHostStayInTheDetails() throws {
        let failure = CtrFailure(result: try Recorded.failure("run-no-mount-source"), request: .run)
        let error = failure.error(about: "container \"x\"")
        #expect(error.message == "container \"x\" could not be started")
        #expect(error.details.contains("error mounting \"/nope\""))
    }

    @Test func logLinesAreNoReason() throws {
        let failure = CtrFailure(result: try Recorded.failure("pull-refused"), request: .pull)
        #expect(failure.reason.hasPrefix("failed to resolve reference"))
        #expect(!failure.reason.contains("level=info"))
    }

    @Test func detailsAreBounded() {
        let text = String(repeating: "é", count: 10_000)
        let error = ContainersError(.internalError, "x", details: text)
        #expect(error.details.utf8.count <= ContainersError.maximumDetails + 8)
        #expect(error.details.hasPrefix("…"))
    }
}
