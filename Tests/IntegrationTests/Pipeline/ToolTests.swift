import Foundation
import StudioClient
import StudioCore
import Subprocess
import SystemPackage
import Testing

@testable import DevStack

extension PipelineSuite {
    /// The command-line tool as users run it, against every program.
    @Suite struct ToolTests {
        private struct Words {
            let code: Int32
            let output: String
            let error: String
        }

        private static let outputLimit = 256 * 1024

        private func studio(_ arguments: String..., at pipeline: Pipeline) async throws -> Words {
            let result = try await Subprocess.run(
                .path(.init(try ProgramLocator.find("studio").string)), arguments: Arguments(arguments),
                environment: .custom([
                    "STUDIO_URL": "http://127.0.0.1:\(pipeline.programs.httpPort)",
                    "API_KEY": pipeline.programs.apiKey, "HOME": pipeline.programs.directory.string,
                ]),
                output: .string(limit: Self.outputLimit), error: .string(limit: Self.outputLimit))
            guard case .exited(let code) = result.terminationStatus else {
                throw PipelineFailure("studio \(arguments) has crashed: \(result.standardError)")
            }
            return Words(code: code, output: result.standardOutput, error: result.standardError)
        }

        private func answer<Value: Decodable>(
            _ type: Value.Type = Value.self, _ words: Words, sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> Value {
            try #require(words.code == 0, "\(words.error)", sourceLocation: sourceLocation)
            return try RecordJSON.decode(type, from: Data(words.output.utf8))
        }

        /// The shortest beginning of an id that no other one has.
        private func beginning(of id: TaskID, among all: [TaskID]) throws -> String {
            let text = id.description
            let others = all.filter { $0 != id }.map(\.description)
            let length = try #require((5...text.count).first { n in !others.contains { $0.hasPrefix(text.prefix(n)) } })
            return String(text.prefix(length))
        }

        @Test func `tasks and workers are found by how their ids begin`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop])]) { pipeline in
                var tasks: [TaskID] = []
                for _ in 0..<3 {
                    let run = try await pipeline.submitNoop(3)
                    tasks += try await pipeline.client.allTasks(TaskFilter(run: run)).map(\.id)
                    try await pipeline.succeeded(run)
                }
                for task in tasks {
                    let text = try beginning(of: task, among: tasks)
                    for name in [text, String(text.dropFirst("task_".count)), task.description] {
                        let view = try await studio("task", "view", name, "--json", at: pipeline)
                        #expect(try answer(TaskRecord.self, view).id == task)
                    }
                }
                let many = try await studio("task", "view", String("\(tasks[0])".prefix(8)), at: pipeline)
                #expect(many.code == 2 && many.error.contains("write more of the id"))
                let none = try await studio("task", "view", "task_7z", at: pipeline)
                #expect(none.code == 5 && none.error.contains("no task whose id begins with task_7z"))
                let worker = try #require(try await pipeline.client.workers().first)
                for (verb, state) in [("pause", WorkerRecord.State.paused), ("resume", .active)] {
                    let words = try await studio(
                        "worker", verb, String("\(worker.id)".prefix(20)), "--json", at: pipeline)
                    #expect(try answer(WorkerRecord.self, words).state == state)
                }
            }
        }

        @Test func `tasks are paused, resumed, filtered and refused with a cure, and a run tells what it cost`()
            async throws
        {
            // Nobody does them.
            try await Pipeline.with([]) { pipeline in
                let run = "\(try await pipeline.submitNoop(2))"
                let all = try answer([TaskRecord].self, try await studio("task", "list", run, "--json", at: pipeline))
                let task = "\(try #require(all.first).id)"
                for (verb, state) in [("pause", TaskState.paused), ("resume", .queued), ("cancel", .canceled)] {
                    let words = try await studio("task", verb, task, "--json", at: pipeline)
                    #expect(try answer(TaskRecord.self, words).state == state)
                }
                for (filter, ids) in [("canceled", [task]), ("failed", [])] {
                    let words = try await studio("task", "list", run, "--status", filter, "--json", at: pipeline)
                    #expect(try answer([TaskRecord].self, words).map(\.id.description) == ids)
                }
                let videos = try await studio("task", "list", run, "--kind", "video", "--json", at: pipeline)
                #expect(try answer([TaskRecord].self, videos).isEmpty)
                let refused = try await studio("task", "pause", task, at: pipeline)
                #expect(refused.code == 6 && refused.error.contains("retry"), "\(refused.error)")
                let spent = try await studio("run", "spent", run, "--json", at: pipeline)
                #expect(try answer(SpentRecord.self, spent).total == .zero)
                let table = try await studio("run", "spent", run, at: pipeline)
                #expect(table.output.hasPrefix("SHOT   ATTEMPTS") && table.output.contains("\ntotal  0 "))
            }
        }
    }
}
