import Testing

@testable import StudioCore

@Suite struct TaskRequirementsTests {
    private let large = WorkerCapabilities(models: ["wan"], vramMiB: 24_576, labels: ["zone": "eu", "host": "gpu-1"])

    @Test func `who asks for nothing gets anybody`() {
        #expect(TaskRequirements.none.isEmpty)
        #expect(TaskRequirements.none.obstacle(for: .unknown) == nil)
        #expect(TaskRequirements.none.obstacle(for: large) == nil)
    }

    @Test func `a worker must have all that is asked for`() {
        var asked = TaskRequirements(model: "wan", vramMiB: 24_576, labels: ["zone": "eu"])
        #expect(asked.obstacle(for: large) == nil)
        asked.labels["disk"] = "fast"
        #expect(asked.obstacle(for: large) == "it is not labeled disk=fast")
        asked.vramMiB += 1
        #expect(asked.obstacle(for: large)?.contains("has 24576 MiB") == true)
        asked.model = "flux"
        #expect(asked.obstacle(for: large) == "it does not have the model flux")
        #expect("\(asked)" == "the model flux and 24577 MiB of GPU memory and the labels disk=fast, zone=eu")
    }

    @Test func `a worker that names no models has any, one that does not tell its memory has none`() {
        #expect(TaskRequirements(model: "wan").obstacle(for: .unknown) == nil)
        #expect(TaskRequirements(vramMiB: 1).obstacle(for: .unknown)?.contains("does not say") == true)
    }

    @Test func `a label counts with its value`() {
        let asked = TaskRequirements(labels: ["zone": "us"])
        #expect(asked.obstacle(for: large) == "it is not labeled zone=us")
    }

    @Test func `each task of a film asks for what concerns it`() throws {
        let plan = Planner().plan(
            try RunSpec.parse(
                try document(
                    yaml: """
                        film: {title: T, expand_prompts: true}
                        characters: {mara: {description: pilot}}
                        music: [{prompt: cello}]
                        shots:
                          - {id: a, duration: 4s, video: {prompt: x, model: wan}, lipsync: true,
                             dialogue: [{by: mara, line: Hi}]}
                          - {id: b, duration: 2s, video: {prompt: y}, effects: [{prompt: gull}]}
                        policy: {requires: {vram_mib: 8192, labels: {zone: eu}}}
                        """)))
        let asked = Dictionary(uniqueKeysWithValues: plan.tasks.map { ($0.key, $0.requirements) })
        let zone = TaskRequirements(labels: ["zone": "eu"])
        let picture = TaskRequirements(vramMiB: 8_192, labels: ["zone": "eu"])
        #expect(asked["a/video"] == TaskRequirements(model: "wan", vramMiB: 8_192, labels: ["zone": "eu"]))
        #expect(asked["b/video"] == picture && asked["a/lipsync"] == picture)
        for key in ["prompts", "a/speech.0", "b/effect.0", "music.0"] { #expect(asked[key] == zone, "\(key)") }
        #expect(asked["compose"] == TaskRequirements.none)
    }

    @Test func `a film that asks for nothing has tasks that ask for nothing`() throws {
        #expect(Planner().plan(try RunSpec.parse(try sampleDocument())).tasks.allSatisfy(\.requirements.isEmpty))
    }
}
