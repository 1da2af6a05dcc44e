/// A worker's slot while it is about one hint; the job is another one when the slot has been freed meanwhile.
struct Seat: Hashable {
    let worker: Int
    let slot: Int
    let job: Int
}

/// A heartbeat on its way.
struct SentBeat {
    let worker: Int
    let life: Int
    /// The worker's number in the store.
    let identity: Int
    let number: Int
    let names: [AttemptName]
}

/// Something that happens at one moment: one step of one program, or a message that arrives.
///
/// `life` tells the lives of a program apart: what its last life had begun, its next one knows nothing of. `call` tells
/// the calls of a slot apart: an answer that comes after its time-out is dropped.
enum Event {
    case submit(Int), wish, tidyUp

    case pickHints(life: Int), publishHints(life: Int), forgetHints(life: Int)
    case reap, endLeases([Int]), reconcile

    case deliver(lane: Int)
    case claim(Seat), claimArrives(Seat, call: Int, worker: Int, hint: AttemptName)
    case claimAnswer(Seat, call: Int, ModelClaim), claimTimesOut(Seat, call: Int)
    case computed(Seat)
    case askToUpload(Seat), askArrives(Seat, call: Int, worker: Int, name: AttemptName)
    case uploadAnswer(Seat, call: Int, isGranted: Bool), uploadTimesOut(Seat, call: Int)
    case put(Seat, place: Int)
    case publishReport(Seat), publishLeftovers(worker: Int, life: Int)
    case leaseTimer(Seat), limitTimer(Seat), stopped(Seat)

    case beat(worker: Int, life: Int)
    case beatArrives(SentBeat)
    case beatAnswer(worker: Int, life: Int, number: Int, [(AttemptName, ModelLeaseOutcome)])
    case tellCanceled, cancelArrives(worker: Int, life: Int, AttemptName)

    case takeReports(life: Int), commitReports(life: Int), acknowledgeReports(life: Int)

    case disaster
    case workerStarts(worker: Int, life: Int), handBackAll(worker: Int, life: Int), hubStarts(life: Int)
    case dispatcherStarts(life: Int)
}
