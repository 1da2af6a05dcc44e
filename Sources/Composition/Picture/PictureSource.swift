package import MediaFiles
package import StudioCore
package import SystemPackage

/// A shot's picture on disk, with what its file says.
package struct PictureSource: Sendable {
    package let segment: Timeline.Segment
    package let path: FilePath
    package let facts: PictureFacts
    /// Why the file was wrapped anew, if it was.
    package let remuxed: String?

    package init(segment: Timeline.Segment, path: FilePath, facts: PictureFacts, remuxed: String? = nil) {
        self.segment = segment
        self.path = path
        self.facts = facts
        self.remuxed = remuxed
    }

    /// Length in frames at the profile's rate.
    func frames(at profile: DeliveryProfile) -> Int {
        guard facts.firstOffGrid(at: profile.frameRate) != nil, facts.frames > 1,
            let last = facts.presentation.last
        else { return facts.frames }
        let ticks = Double(last) * Double(facts.frames) / Double(facts.frames - 1)
        let rate = Double(profile.frameRate.numerator) / Double(profile.frameRate.denominator)
        return Int((ticks / Double(facts.timescale) * rate).rounded())
    }

    /// Why the stream itself does not fit the profile, whatever it is joined with; `nil` when it does.
    func mismatch(with profile: DeliveryProfile) -> String? {
        if facts.codec != "avc1" { return "codec \(facts.codec), not avc1" }
        if facts.width != profile.width || facts.height != profile.height {
            return "\(facts.width)x\(facts.height), not \(profile.width)x\(profile.height)"
        }
        if let frame = facts.firstOffGrid(at: profile.frameRate) {
            let rate = profile.frameRate
            return "frame \(frame) is not where \(rate.numerator)/\(rate.denominator) frames a second put it"
        }
        if facts.frames < segment.frames { return "\(facts.frames) of \(segment.frames) frames: the last one is held" }
        return nil
    }

    /// What the file around the stream needs before it can be copied from; `nil` when nothing.
    func containerFault(for profile: DeliveryProfile) -> String? {
        if facts.timescale != profile.videoTimescale {
            return "timescale \(facts.timescale), not \(profile.videoTimescale)"
        }
        return facts.containerFault
    }
}
