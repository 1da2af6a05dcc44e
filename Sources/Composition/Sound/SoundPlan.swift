package import MediaFiles
package import StudioCore
package import SystemPackage

/// Every sound of the film, placed and sorted into buses.
package struct SoundPlan: Sendable {
    /// More sounds than this at once on one bus is noise, not sound design; it also bounds open files.
    package static let lanesMax = 48

    /// Length of the film's sound, in samples.
    package let samples: Int
    package let sampleRate: Int
    /// Only those that hold a sound.
    package let buses: [SoundBus]
    /// Sounds that are not heard, and why.
    package let dropped: [String]

    /// Places the sounds of `timeline`.
    ///
    /// - Parameter sounds: path and header of every input the timeline names.
    /// - Throws: `TaskFailure` of class `user_error` when a sound cannot be placed.
    package init(timeline: Timeline, sounds: [String: (path: FilePath, facts: SoundFacts)]) throws {
        samples = timeline.samples
        sampleRate = timeline.profile.sampleRate
        var dropped: [String] = []
        var buses: [SoundBus] = []
        let kinds: [(SoundBus.Kind, [Timeline.Clip])] = [
            (.dialogue, timeline.speech), (.effects, timeline.effects), (.music, timeline.music),
        ]
        for (kind, clips) in kinds {
            var placed: [SoundClip] = []
            for clip in clips {
                guard let sound = sounds[clip.input] else {
                    throw TaskFailure(.userError, code: "input_missing", detail: "no input \(clip.input)")
                }
                guard clip.startSample >= 0, clip.gainDecibels.isFinite, abs(clip.gainDecibels) <= 60 else {
                    throw TaskFailure(
                        .userError, code: "bad_timeline", detail: "\(clip.input) lies outside of the film")
                }
                let room = min(clip.endSampleMax, samples) - clip.startSample
                let whole = sound.facts.length(at: sampleRate)
                let length = min(room, whole)
                guard length > 0 else {
                    dropped.append("\(clip.input): \(whole > 0 ? "no room for it" : "it is empty")")
                    continue
                }
                placed.append(
                    SoundClip(
                        input: clip.input, path: sound.path, container: sound.facts.container, start: clip.startSample,
                        length: length, gainDecibels: clip.gainDecibels, isCut: whole > room))
            }
            let bus = SoundBus(kind, clips: placed)
            guard bus.lanes.count <= Self.lanesMax else {
                throw TaskFailure(
                    .userError, code: "too_many_sounds",
                    detail: "\(bus.lanes.count) sounds of \(kind.rawValue) at once, at most \(Self.lanesMax)")
            }
            if !bus.lanes.isEmpty { buses.append(bus) }
        }
        self.buses = buses
        self.dropped = dropped
    }

    var clips: Int { buses.reduce(0) { $0 + $1.clips } }
    var lanes: Int { buses.reduce(0) { $0 + $1.lanes.count } }
}
