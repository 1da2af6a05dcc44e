import MediaFiles
import SystemPackage

/// A filter graph that places and mixes sounds, with the inputs it reads; pure.
package struct SoundGraph: Sendable, Hashable {
    /// One input of ffmpeg.
    package enum Input: Sendable, Hashable {
        case clip(SoundClip)
        /// A list of WAV files made before, one behind the other, that together are one lane.
        case lane(list: String)
    }

    /// Something that a bus reads: clips to place, or a lane that is there already.
    package enum Lane: Sendable, Hashable {
        case clips([SoundClip])
        case list(String)
    }

    /// Against clicks where a sound begins.
    private static let riseMilliseconds = 5
    /// Against clicks where a sound is cut off.
    private static let fallMilliseconds = 25

    package private(set) var inputs: [Input] = []
    package private(set) var chains: [String] = []
    private let sampleRate: Int

    /// The graph's text, one chain a line.
    package var script: String { chains.joined(separator: ";\n") + "\n" }

    /// Arguments that open the inputs in order.
    package var inputArguments: [String] {
        inputs.flatMap { input -> [String] in
            switch input {
            case .clip(let clip):
                ["-f", clip.container.rawValue, "-protocol_whitelist", "file,pipe", "-i", clip.path.string]
            case .lane(let list):
                [
                    "-f", "concat", "-protocol_whitelist", "file,pipe", "-format_whitelist", "concat,wav", "-i", list,
                ]
            }
        }
    }

    /// Places `clips` of one lane and fills what lies between; the result is `range` of the film, to the sample.
    package static func lane(
        _ clips: [SoundClip], range: Range<Int>, channels: Int, sampleRate: Int
    ) -> SoundGraph {
        var graph = SoundGraph(sampleRate: sampleRate)
        graph.place(clips, range: range, channels: channels, label: "out")
        return graph
    }

    /// Mixes the buses to exactly `samples` of stereo, the music ducked under the dialogue, and measures the result.
    package static func mix(
        _ buses: [(kind: SoundBus.Kind, lanes: [Lane])], samples: Int, sampleRate: Int, ducking: Ducking
    ) -> SoundGraph {
        var graph = SoundGraph(sampleRate: sampleRate)
        let kinds = Set(buses.map(\.kind))
        let ducks = kinds.contains(.music) && kinds.contains(.dialogue)
        var mixed: [String] = []
        for bus in buses {
            let name = bus.kind.rawValue
            let labels = bus.lanes.indices.map { "\(name)\($0)" }
            for (lane, label) in zip(bus.lanes, labels) {
                graph.read(lane, samples: samples, channels: bus.kind.channels, label: label)
            }
            graph.sum(labels, to: "\(name)s")
            switch bus.kind {
            case .dialogue where ducks:
                graph.chains.append("[\(name)s]asplit=2[\(name)c][key]")
                graph.chains.append("[\(name)c]pan=stereo|c0=c0|c1=c0[\(name)m]")
            case .dialogue, .effects: graph.chains.append("[\(name)s]pan=stereo|c0=c0|c1=c0[\(name)m]")
            case .music where ducks: graph.chains.append("[\(name)s][key]\(ducking.filter)[\(name)m]")
            case .music: graph.chains.append("[\(name)s]anull[\(name)m]")
            }
            mixed.append("\(name)m")
        }
        if mixed.isEmpty {
            graph.chains.append("anullsrc=r=\(sampleRate):cl=stereo,atrim=end_sample=\(samples)[mix]")
        } else {
            graph.sum(mixed, to: "mix")
        }
        graph.chains.append(
            "[mix]apad=whole_len=\(samples),atrim=end_sample=\(samples),asetpts=N/SR/TB,"
                + "ebur128=peak=true:framelog=verbose,aformat=sample_fmts=flt:channel_layouts=stereo[out]")
        return graph
    }

    private init(sampleRate: Int) {
        self.sampleRate = sampleRate
    }

    private mutating func sum(_ labels: [String], to result: String) {
        let inputs = labels.map { "[\($0)]" }.joined()
        // Without normalize=0 every further input would make the others quieter.
        let filter = labels.count == 1 ? "anull" : "amix=inputs=\(labels.count):duration=longest:normalize=0"
        chains.append("\(inputs)\(filter)[\(result)]")
    }

    private mutating func read(_ lane: Lane, samples: Int, channels: Int, label: String) {
        switch lane {
        case .clips(let clips): place(clips, range: 0..<samples, channels: channels, label: label)
        case .list(let list):
            chains.append("[\(inputs.count):a:0]asetpts=N/SR/TB[\(label)]")
            inputs.append(.lane(list: list))
        }
    }

    /// Clips that do not overlap are joined with silence between them: unlike delays, this costs no memory.
    private mutating func place(_ clips: [SoundClip], range: Range<Int>, channels: Int, label: String) {
        let layout = channels == 1 ? "mono" : "stereo"
        var parts: [String] = []
        let lead = (clips.first?.start ?? range.upperBound) - range.lowerBound
        if lead > 0 {
            parts.append("\(label)x")
            chains.append(
                "anullsrc=r=\(sampleRate):cl=\(layout),atrim=end_sample=\(lead),"
                    + "aformat=sample_fmts=flt:channel_layouts=\(layout)[\(label)x]")
        }
        for (index, clip) in clips.enumerated() {
            let next = index + 1 < clips.count ? clips[index + 1].start : range.upperBound
            let part = "\(label)x\(inputs.count)"
            chains.append(
                "[\(inputs.count):a:0]\(filters(clip, slot: next - clip.start, layout: layout))[\(part)]")
            inputs.append(.clip(clip))
            parts.append(part)
        }
        let labels = parts.map { "[\($0)]" }.joined()
        let join = parts.count == 1 ? "anull" : "concat=n=\(parts.count):v=0:a=1"
        chains.append("\(labels)\(join)[\(label)]")
    }

    private func filters(_ clip: SoundClip, slot: Int, layout: String) -> String {
        let rise = min(clip.length / 2, sampleRate * Self.riseMilliseconds / 1_000)
        let fall = min(
            clip.length / 2, sampleRate * (clip.isCut ? Self.fallMilliseconds : Self.riseMilliseconds) / 1_000)
        var filters = [
            "aresample=\(sampleRate)", "aformat=sample_fmts=flt:channel_layouts=\(layout)",
            "atrim=end_sample=\(clip.length)", "asetpts=N/SR/TB",
        ]
        if clip.gainDecibels != 0 { filters.append("volume=\(clip.gainDecibels.fixed(2))dB") }
        if rise > 0 { filters.append("afade=t=in:ss=0:ns=\(rise)") }
        if fall > 0 { filters.append("afade=t=out:ss=\(clip.length - fall):ns=\(fall)") }
        filters += ["apad=whole_len=\(slot)", "atrim=end_sample=\(slot)"]
        return filters.joined(separator: ",")
    }
}
