import Testing

@testable import AMQP

@Suite struct QueueTurnsTests {
    @Test func `queues are asked one by one, those of an earlier rank first, until all are empty`() {
        var turns = QueueTurns(ranks: [["urgent"], ["a", "b"]])
        for queue in ["urgent", "a", "b"] {
            #expect(!turns.areAllEmpty)
            #expect(turns.ask(room: 3) == [queue])
            #expect(turns.ask(room: 3) == [], "one question at a time")
            #expect(!turns.areAllEmpty, "the answer may be a message")
            turns.wasEmpty(queue)
        }
        #expect(turns.areAllEmpty)
        #expect(turns.ask(room: 3) == [])
        turns.forget()
        #expect(!turns.areAllEmpty)
        #expect(turns.ask(room: 3) == ["urgent"])
    }

    @Test func `after a message, earlier ranks are asked again, and the queues of a rank take turns`() {
        var turns = QueueTurns(ranks: [["urgent"], ["a", "b"]])
        var given: [String] = []
        for _ in 0..<4 {
            while let queue = turns.ask(room: 1).first {
                guard queue != "urgent" else {
                    turns.wasEmpty(queue)
                    continue
                }
                turns.gave(queue, left: 9)
                given.append(queue)
                break
            }
        }
        #expect(given == ["a", "b", "a", "b"])
    }

    @Test func `the room that there is is filled from a queue that has more`() {
        var turns = QueueTurns(ranks: [["urgent"], ["a"]])
        #expect(turns.ask(room: 5) == ["urgent"])
        turns.wasEmpty("urgent")
        #expect(turns.ask(room: 5) == ["a"])
        turns.gave("a", left: 100)
        #expect(turns.ask(room: 4) == ["a", "a", "a", "a"])
        #expect(turns.ask(room: 4) == [], "no more questions than room")
        for _ in 0..<3 { turns.gave("a", left: 50) }
        turns.wasEmpty("a")
        #expect(turns.ask(room: 1) == ["urgent"])
    }

    @Test func `a queue of a later rank is asked first now and then, and what waits there is not starved`() {
        for places in [1, 4] {
            var turns = QueueTurns(ranks: [["urgent"], ["patient"]])
            var given: [String] = []
            while given.count < 100 {
                let asked = turns.ask(room: places)
                #expect(!asked.isEmpty)
                // Both have more than can ever be taken.
                for queue in asked {
                    turns.gave(queue, left: 1_000)
                    given.append(queue)
                }
            }
            #expect(given.first == "urgent")
            let rows = given.split(separator: "patient")
            #expect(rows.count > 5)
            #expect(rows.allSatisfy { $0.count <= QueueTurns.inRowMax + places - 1 })
            #expect(given.count { $0 == "patient" } <= 100 / QueueTurns.inRowMax, "it is given one at a time")
        }
    }

    @Test func `a later rank that is empty costs one question now and then, and nothing else`() {
        var turns = QueueTurns(ranks: [["urgent"], ["patient"]])
        var questions = 0
        var given = 0
        while given < 90 {
            for queue in turns.ask(room: 1) {
                questions += 1
                if queue == "urgent" {
                    turns.gave(queue, left: 9)
                    given += 1
                } else {
                    turns.wasEmpty(queue)
                }
            }
        }
        #expect(questions - given == 10)
    }

    @Test func `no more is asked of a queue than it has`() {
        var turns = QueueTurns(ranks: [["a", "b"]])
        #expect(turns.ask(room: 9) == ["a"])
        turns.gave("a", left: 2)
        #expect(turns.ask(room: 8) == ["a", "a"])
        turns.gave("a", left: 1)
        turns.gave("a", left: 0)
        #expect(turns.ask(room: 6) == ["b"])
    }

    /// Against queues that fill and empty at random: never too many at once, and nothing waits while there is room.
    @Test(arguments: 0..<100)
    func `the room is never exceeded, and nobody is forgotten`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let names = ["urgent", "a", "b", "c"]
        var turns = QueueTurns(ranks: [["urgent"], ["a", "b", "c"]])
        var waiting = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
        var questions: [String] = []
        let places = Int.random(in: 1...5, using: &random)
        var held = 0
        for step in 0..<3_000 {
            // Nothing comes any more towards the end.
            if step < 300, Bool.random(using: &random) { waiting[names.randomElement(using: &random) ?? "a"]? += 1 }
            if held > 0, Int.random(in: 0..<3, using: &random) == 0 { held -= 1 }
            if held == places { turns.forget() }
            questions += turns.ask(room: places - held)
            #expect(held + questions.count <= places)
            while !questions.isEmpty, Bool.random(using: &random) {
                let queue = questions.removeFirst()
                if let count = waiting[queue], count > 0 {
                    waiting[queue] = count - 1
                    held += 1
                    turns.gave(queue, left: count - 1)
                } else {
                    turns.wasEmpty(queue)
                }
            }
            if turns.areAllEmpty { turns.forget() }
        }
        #expect(waiting.values.allSatisfy { $0 == 0 })
    }
}
