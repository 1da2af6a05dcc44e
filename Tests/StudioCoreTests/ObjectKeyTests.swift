import Testing

@testable import StudioCore

@Suite struct ObjectKeyTests {
    @Test func `a key is read as it is written`() {
        let key = ObjectKey(run: RunID(), task: TaskID(), attempt: 12, name: "video.mp4")
        #expect(key.description.hasPrefix(ObjectKey.prefix))
        #expect(key.description == "runs/\(key.run)/\(key.task)/12/video.mp4")
        #expect(ObjectKey(key.description) == key)
    }

    private static let run = "\(RunID())"
    private static let task = "\(TaskID())"

    @Test(arguments: [
        "", "runs/", "runs/\(run)", "runs/\(run)/\(task)/1", "runs/\(run)/\(task)/1/", "runs/\(run)/\(task)/0/a",
        "runs/\(run)/\(task)/-1/a", "runs/\(run)/\(task)/+1/a", "runs/\(run)/\(task)/01/a", "runs/\(run)/\(task)/x/a",
        "runs/\(run)/\(task)/1/a/b", "/runs/\(run)/\(task)/1/a", "other/\(run)/\(task)/1/a", "runs/\(task)/\(run)/1/a",
        "runs/\(run.uppercased())/\(task)/1/a", "runs/\(run)/\(task)/99999999999999999999/a",
    ])
    func `what no attempt writes is no key`(text: String) {
        #expect(ObjectKey(text) == nil)
    }
}
