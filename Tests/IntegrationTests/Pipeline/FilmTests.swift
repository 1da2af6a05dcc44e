import Foundation
import ObjectStore
import StudioClient
import StudioCore
import SystemPackage
import Testing

extension PipelineSuite {
    @Suite struct FilmTests {
        @Test func `a small film goes in over REST and a playable film comes out`() async throws {
            try await Pipeline.with([PipelineWorker(name: "media")], composer: true) { pipeline in
                let plan = try await pipeline.client.plan(Data(PipelineFilm.specification.utf8))
                #expect(plan.frames == PipelineFilm.frames)
                #expect(Set(plan.tasksByKind.keys) == ["video", "audio", "lipsync", "llm", "compose"])
                let run = try await pipeline.submit(PipelineFilm.specification)
                try await Self.follow(run, pipeline)
                let record = try await pipeline.succeeded(run)
                #expect(record.tasks[.succeeded] == plan.tasks)
                try await Self.checkFilm(record, plan: plan, pipeline)
                try await Self.checkHistory(record, pipeline)
            }
        }

        /// Watches the run live: a snapshot, then every event once and in order.
        private static func follow(_ run: RunID, _ pipeline: Pipeline) async throws {
            var last: Int64?
            var states: [TaskState] = []
            for try await news in pipeline.client.news(of: run) {
                switch news {
                case .snapshot(let snapshot):
                    #expect(last == nil, "nothing was lost, so there is one snapshot")
                    last = snapshot.run.lastEvent
                case .event(let event) where event.sequence > 0:
                    #expect(event.sequence == last.map { $0 + 1 })
                    last = event.sequence
                    if event.kind == .runState, let state = event.state { states.append(state) }
                case .event: break
                }
            }
            #expect(states.last == .succeeded || states.isEmpty && last != nil)
        }

        private static func checkFilm(_ run: RunRecord, plan: PlanRecord, _ pipeline: Pipeline) async throws {
            let directory = pipeline.programs.directory
            let film = directory.appending("film.mp4")
            let artifact = try await pipeline.client.download(try #require(run.film), to: film.string)
            #expect(try await FileDigest.sha256(of: film) == artifact.sha256)
            let probe = try await FilmProbe.read(film)
            let picture = try #require(probe.picture)
            #expect(probe.streams.count == 2)
            #expect(picture.codec == "h264")
            #expect(picture.pixelFormat == "yuv420p")
            #expect([picture.width, picture.height] == [320, 180])
            #expect(picture.frameRate == "24/1")
            #expect(picture.frames == "\(plan.frames)")
            #expect(probe.sound?.codec == "aac")
            #expect(probe.sound?.sampleRate == "48000")
            #expect(abs(probe.duration - plan.fps.seconds(frames: plan.frames)) < 0.05)
            let boxes = try FilmProbe.boxes(of: film)
            let head = try #require(boxes.firstIndex(of: "moov"))
            #expect(try head < #require(boxes.firstIndex(of: "mdat")), "players must not have to read to the end")

            let poster = directory.appending("poster.jpg")
            try await pipeline.client.download(try #require(run.poster), to: poster.string)
            let bytes = try Data(contentsOf: URL(filePath: poster.string))
            #expect(bytes.starts(with: [0xFF, 0xD8, 0xFF]), "the poster is no JPEG")
        }

        private static func checkHistory(_ run: RunRecord, _ pipeline: Pipeline) async throws {
            let tasks = try await pipeline.client.allTasks(TaskFilter(run: run.id))
            #expect(tasks.count == PipelineFilm.tasks)
            #expect(tasks.allSatisfy { $0.attempt.n == 1 && $0.reason == nil })
            let names = try await pipeline.client.artifacts(of: run.id).map { "\($0.taskKey)/\($0.name)" }
            #expect(Set(names).count == names.count)
            #expect(names.count == PipelineFilm.tasks + 2, "the composer makes three files, every other task one")
            let events = try await pipeline.client.events(of: run.id, limit: 200).data
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            #expect(events.first?.state == .queued)
            #expect(events.last?.kind == .runState)
            #expect(events.last?.state == .succeeded)
        }
    }
}
