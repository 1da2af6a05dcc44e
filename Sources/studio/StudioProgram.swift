import ArgumentParser
import DevStack
import Foundation
import StudioClient

/// The command-line tool: every error ends as one message and one exit code, in this place only.
@main
struct StudioProgram {
    static func main() async {
        // Whoever pipes our words away may stop reading; that is an error of a write, not a crash.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try StudioCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(end(after: error))
        }
    }

    /// Tells what went wrong, and gives the exit code that says so.
    private static func end(after error: any Error) -> Int32 {
        switch error {
        case let failure as Failure:
            if !failure.message.isEmpty { Terminal.complain(failure.message) }
            return failure.code.rawValue
        case let error as StudioClientError:
            return end(after: Failure(error))
        case let error as StackError:
            return end(after: Failure(.error, error.description))
        case is CancellationError:
            return Failure.Code.interrupted.rawValue
        default:
            let code = StudioCommand.exitCode(for: error)
            let text = StudioCommand.fullMessage(for: error)
            if code == .success {
                if !text.isEmpty { Terminal.print(text) }
                return 0
            }
            if code == .validationFailure {
                Terminal.note(text)
                return Failure.Code.usage.rawValue
            }
            Terminal.complain("\(error)")
            return Failure.Code.error.rawValue
        }
    }
}

/// `studio`.
struct StudioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio", abstract: "Renders films on an ainern2d control plane.",
        discussion: """
            The server and its key come from STUDIO_URL and API_KEY, or from the local stack (studio dev up).
            Exit codes: 0 ok, 1 error, 2 usage, 3 run failed, 4 not authorised, 5 not found, 6 conflict, 7 canceled, \
            8 timed out, 130 interrupted.
            """,
        version: "1.0.0",
        subcommands: [
            InitCommand.self, RenderCommand.self, RunCommand.self, TaskCommand.self, WorkerCommand.self,
            QueueCommand.self, DevCommand.self, MigrateCommand.self, GarbageCommand.self, StressCommand.self,
            DemoCommand.self,
        ])
}
