import StudioCore
import SystemPackage

/// The filter graph that moves a shot's parts together.
struct MockPictureGraph {
    private static let parts = ["sky.pam", "far.pam", "near.pam", "mover.pam", "lower.pam", "upper.pam"]

    let spec: VideoSpec
    let scene: MockScene
    let captions: MockCaptions

    /// Options that open the painted parts.
    static func inputs(_ profile: DeliveryProfile) -> [String] {
        let rate = "\(profile.frameRate.numerator)/\(profile.frameRate.denominator)"
        // One thread: workers run several of these at a time.
        return ["-filter_complex_threads", "1"]
            + parts.flatMap { ["-framerate", rate, "-f", "image2", "-i", $0] }
    }

    /// The graph's text; ends at the label `v`.
    func script(in directory: FilePath) throws -> String {
        let (width, height) = (spec.profile.width, spec.profile.height)
        let lowerHeight = Int(Double(height) * 0.42) & ~1
        let farHeight = Int(Double(height) * MockBackdrop.farHeightShare)
        let nearHeight = Int(Double(height) * MockBackdrop.nearHeightShare)
        let lower = try captions.filters(captions.lower(height: lowerHeight), prefix: "lower", in: directory)
        let upper = try captions.filters(captions.upper, prefix: "upper", in: directory)
        // The far land ends where the near land has long begun.
        let farY = height - farHeight - Int(Double(height) * (scene.place == .sea ? 0.06 : 0.10))
        let chains = [
            "[0:v]scale=\(width):\(height):flags=bicubic:out_color_matrix=bt709:out_range=tv,"
                + "format=yuv420p,\(still)[sky]",
            "[1:v]\(layer),\(still),\(pan(MockBackdrop.farSpeed, farHeight))[far]",
            "[2:v]\(layer),\(still),\(pan(MockBackdrop.nearSpeed, nearHeight))[near]",
            "[3:v]\(layer),\(still)[mover]",
            "[4:v]\((["format=rgba"] + lower).joined(separator: ",")),\(layer),\(still)[lower]",
            "[5:v]\((["format=rgba"] + upper).joined(separator: ",")),\(layer),\(still)[upper]",
            "[sky][far]overlay=x=0:y=\(farY):eval=init[a]",
            "[a][mover]overlay=\(path)[b]",
            "[b][near]overlay=x=0:y=\(height - nearHeight):eval=init[c]",
            "[c][lower]overlay=x=0:y=\(height - lowerHeight):eval=init[d]",
            "[d][upper]overlay=x=0:y=0:eval=init[e]",
            "[e]\(captions.timecode),format=yuv420p[v]",
        ]
        return chains.joined(separator: ";\n") + "\n"
    }

    /// Colours as delivery wants them, with transparency.
    private var layer: String { "scale=out_color_matrix=bt709:out_range=tv,format=yuva420p" }

    /// One picture for as long as it takes, on the grid of frames.
    private var still: String {
        let rate = spec.profile.frameRate
        return "loop=loop=-1:size=1,settb=\(rate.denominator)/\(rate.numerator),setpts=N,setsar=1"
    }

    private func pan(_ speed: Double, _ height: Int) -> String {
        let width = spec.profile.width
        let step = MockBackdrop.speed(speed, width: width)
        return "crop=w=\(width):h=\(height):x='mod(n*\(step),\(width * 2))':y=0:exact=1"
    }

    /// Where the small moving thing is: it crosses the picture and comes again.
    private var path: String {
        var dice = MockDice(spec.seed, "path")
        let (width, height) = (spec.profile.width, spec.profile.height)
        let start = Int(Double(width) * dice.number(0.15...0.45))
        let isBoat = scene.place == .sea
        let y = Int(Double(height) * (isBoat ? 0.60 : dice.number(0.26...0.40)))
        let swing = Double(height) / 720 * (isBoat ? 2 : 9)
        let step = MockBackdrop.speed(isBoat ? 1 : 2, width: width)
        return "x='mod(\(start)+n*\(step),W+w)-w':y='\(y)+\(swing)*sin(n/\(isBoat ? 14 : 18))'"
    }
}
