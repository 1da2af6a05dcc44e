import StudioCore

/// What a task is like, whoever runs it.
struct TaskNature {
    enum Temper { case good, flaky, hopeless, poisonous, hanging }

    let temper: Temper
    /// How long it computes.
    let milliseconds: Int
    /// Whether every attempt makes the same bytes.
    let isDeterministic: Bool

    init(_ dice: inout Dice) {
        temper =
            switch dice.below(200) {
            case 0: .poisonous
            case 1: .hanging
            case 2, 3: .hopeless
            case 4..<40: .flaky
            default: .good
            }
        milliseconds = dice.once(in: 40) ? dice.integer(8_000...25_000) : dice.integer(20...2_500)
        isDeterministic = dice.once(in: 2)
    }
}

/// A run that a user wants.
struct Submission {
    var plan: [ModelStore.NewTask] = []
    let deadline: Int?
    /// What the user was told.
    var answer: Int?

    var isAnswered: Bool { answer != nil }

    init(_ dice: inout Dice) {
        deadline = dice.once(in: 12) ? dice.integer(5...40) * 1_000 : nil
        let count = dice.integer(4...40)
        let width = dice.integer(1...8)
        var isNeeded = [Bool](repeating: false, count: count)
        for number in 0..<count {
            var needs: [Int] = []
            if number == count - 1 {
                // The last one joins everything that nobody else needs.
                needs = (0..<number).filter { !isNeeded[$0] }
            } else if number >= width {
                for _ in 0..<dice.below(3) {
                    let need = number - 1 - dice.below(min(number, 2 * width))
                    if !needs.contains(need) { needs.append(need) }
                }
            }
            for need in needs { isNeeded[need] = true }
            plan.append(
                ModelStore.NewTask(
                    needs: needs, outputs: Self.outputs[min(2, dice.below(4))], attemptsMax: dice.integer(1...4),
                    lane: dice.below(World.lanes)))
        }
    }

    private static let outputs: [[String]] = [[], ["film", "poster"], ["clip"]]
}

// Users submit runs and change their minds; each waits for the answer, and remembers what was promised.
extension World {
    mutating func submit(_ number: Int) {
        let fate = commitFate()
        if fate != .failed {
            let submission = submissions[number]
            let run = store.createRun(
                submission.plan, deadline: submission.deadline.map { now + $0 }, key: number, at: now)
            while natures.count < store.tasks.count { natures.append(TaskNature(&dice)) }
            referee.noteSubmission(number, run: run, store, at: now)
            tell("run \(run) submitted, \(fate)")
            if fate == .applied {
                submissions[number].answer = run
                return
            }
            sightings.note(.repeatedSubmissions)
        }
        add(.submit(number), in: dice.integer(100...2_000))
    }

    mutating func wish() {
        guard now < weather.healsAt else { return }
        add(.wish, in: dice.integer(200...4_000))
        guard !store.runs.isEmpty else { return }
        let run = dice.below(store.runs.count)
        let task = store.runs[run].tasks.lowerBound + dice.below(store.runs[run].tasks.count)
        let fate = commitFate()
        guard fate != .failed else { return }
        if dice.once(in: 3) {
            let actions: [RunAction] = [
                .cancel, .pause, .resume, .resume, .retry(.failed), .retry(.failed), .retry(.all),
            ]
            guard let action = dice.pick(actions) else { return }
            noteRace(store.runs[run].tasks, action == .cancel)
            let answer = store.control(action, run: run, at: now)
            tell("\(action) run \(run): \(answer), \(fate)")
            note(action == .pause, action == .cancel, answer)
            look(.run(action))
            if fate == .applied, answer == .done { referee.acknowledge(action, run: run, store) }
        } else {
            guard let action = dice.pick(TaskAction.allCases) else { return }
            noteRace(task..<task + 1, action == .cancel)
            let answer = store.control(action, task: task, at: now)
            tell("\(action) task \(task): \(answer), \(fate)")
            note(action == .pause, action == .cancel, answer)
            look(.task(action))
            if fate == .applied, answer == .done { referee.acknowledge(action, task: task, store) }
        }
        if !strikes(.cancelNewsLost) { add(.tellCanceled, in: latency()) }
    }

    private mutating func note(_ isPause: Bool, _ isCancel: Bool, _ answer: ModelAnswer) {
        guard answer == .done else { return }
        if isPause { sightings.note(.pauses) }
        if isCancel { sightings.note(.cancels) }
    }

    /// Counts the cancels that come while a report of success is on its way.
    private mutating func noteRace(_ tasks: Range<Int>, _ isCancel: Bool) {
        guard isCancel else { return }
        for sent in reports + hub.batch where tasks.contains(sent.report.name.task) {
            let task = store.tasks[sent.report.name.task]
            guard case .completed = sent.report.result, task.state == .running,
                task.attempt == sent.report.name.attempt
            else { continue }
            sightings.note(.cancelRaces)
        }
    }

    /// In the end nobody wants anything to wait any more.
    mutating func tidyUp() {
        add(.tidyUp, in: 1_000)
        guard commitFate() == .applied else { return }
        for run in store.runs.indices where store.runs[run].state == .paused {
            _ = store.control(.resume, run: run, at: now)
        }
        for task in store.tasks.indices where store.tasks[task].state == .paused {
            _ = store.control(.resume, task: task, at: now)
        }
        look(.run(.resume))
    }
}
