package import StudioCore
package import SystemPackage

/// Arguments for every run of ffmpeg that makes a piece of the picture; pure.
package struct PictureArguments: Sendable {
    /// From this frame on it pays to seek before decoding.
    private static let seekFramesMin = 48

    package let profile: DeliveryProfile
    package let recipe: EncoderRecipe

    package init(profile: DeliveryProfile, recipe: EncoderRecipe) {
        self.profile = profile
        self.recipe = recipe
    }

    /// Options of an input that is an MP4 file; neither its content nor its name can make ffmpeg read anything else.
    static func movie(_ path: FilePath) -> [String] {
        ["-f", "mov", "-protocol_whitelist", "file,pipe", "-i", path.string]
    }

    private var rate: String { "\(profile.frameRate.numerator)/\(profile.frameRate.denominator)" }
    private var frameSeconds: String { "\(profile.frameRate.denominator)/\(profile.frameRate.numerator)" }

    private func seconds(_ frames: Double) -> Double {
        frames * Double(profile.frameRate.denominator) / Double(profile.frameRate.numerator)
    }

    /// Wraps the video track of a file anew, with the profile's timescale.
    package func remux(_ path: FilePath, to output: String) -> [String] {
        Self.movie(path) + ["-map", "0:v:0", "-c", "copy"] + EncoderRecipe.container(for: profile) + [output]
    }

    /// Copies `frames` of a file; both ends must be clean cuts.
    package func cut(_ path: FilePath, _ frames: Range<Int>, to output: String) -> [String] {
        var seek: [String] = []
        if frames.lowerBound > 0 {
            // Rounded up, so that the key frame at exactly this time is the last one not after it.
            let microseconds = (seconds(Double(frames.lowerBound)) * 1_000_000 - 0.001).rounded(.up)
            seek = ["-ss", (microseconds / 1_000_000).fixed(6)]
        }
        return seek + Self.movie(path) + ["-map", "0:v:0", "-c", "copy", "-frames:v", "\(frames.count)"]
            + EncoderRecipe.container(for: profile) + [output]
    }

    /// Encodes `spans` one after the other.
    package func encode(_ spans: [PicturePiece.Span], sources: [PictureSource], to output: String) -> [String] {
        let chains = spans.indices.map { "[\($0):v:0]\(chain(spans[$0], sources))[p\($0)]" }
        let labels = spans.indices.map { "[p\($0)]" }.joined()
        let join = spans.count == 1 ? "[p0]null[v]" : "\(labels)concat=n=\(spans.count):v=1:a=0[v]"
        return run(inputs(spans, sources), graph: (chains + [join]).joined(separator: ";"), output)
    }

    /// Dissolves two spans of equal length into each other.
    package func dissolve(
        _ first: PicturePiece.Span, _ second: PicturePiece.Span, sources: [PictureSource], to output: String
    ) -> [String] {
        let length = first.frames.count
        // One frame longer and one frame earlier than the overlap: no frame of it is a frame of either shot.
        let duration = seconds(Double(length + 1)).fixed(6)
        let offset = "-\(seconds(1).fixed(6))"
        let graph = [
            // xfade moves the last frame of its inputs: a further one keeps it from being one of ours.
            "[0:v:0]\(chain(first, sources)),tpad=stop=1:stop_mode=clone[a]",
            "[1:v:0]\(chain(second, sources)),tpad=stop=1:stop_mode=clone[b]",
            "[a][b]xfade=transition=fade:duration=\(duration):offset=\(offset),trim=end_frame=\(length),"
                + "settb=\(frameSeconds),setpts=N,fps=\(rate),format=yuv420p[v]",
        ]
        return run(inputs([first, second], sources), graph: graph.joined(separator: ";"), output)
    }

    /// A few black frames, to see what the recipe's streams look like.
    package func sample(to output: String) -> [String] {
        let source = "color=c=black:s=\(profile.width)x\(profile.height):r=\(rate),setsar=1,format=yuv420p"
        return ["-f", "lavfi", "-i", source, "-frames:v", "4"] + recipe.arguments(for: profile) + [output]
    }

    private func run(_ inputs: [String], graph: String, _ output: String) -> [String] {
        ["-xerror"] + inputs + ["-filter_complex", graph, "-map", "[v]"] + recipe.arguments(for: profile) + [output]
    }

    private func inputs(_ spans: [PicturePiece.Span], _ sources: [PictureSource]) -> [String] {
        spans.flatMap { span -> [String] in
            // Half a frame early: the frame itself is then the first one that is not before.
            let seek = seeks(span) ? ["-ss", seconds(Double(span.frames.lowerBound) - 0.5).fixed(6)] : []
            return ["-err_detect", "explode"] + seek + Self.movie(sources[span.shot].path)
        }
    }

    private func seeks(_ span: PicturePiece.Span) -> Bool {
        !span.conform && span.frames.lowerBound >= Self.seekFramesMin
    }

    private func chain(_ span: PicturePiece.Span, _ sources: [PictureSource]) -> String {
        var filters: [String] = []
        let range = seeks(span) ? 0..<span.frames.count : span.frames
        if span.conform {
            let (width, height) = (profile.width, profile.height)
            filters += [
                "fps=\(rate)",
                "scale=\(width):\(height):force_original_aspect_ratio=decrease:flags=lanczos"
                    + ":out_color_matrix=bt709:out_range=tv",
                "pad=\(width):\(height):(ow-iw)/2:(oh-ih)/2",
            ]
            if sources[span.shot].frames(at: profile) <= range.upperBound {
                filters.append("tpad=stop=-1:stop_mode=clone")
            }
        }
        filters.append("trim=start_frame=\(range.lowerBound):end_frame=\(range.upperBound)")
        // Numbered anew on the exact grid, whatever the file's rounding was.
        filters += ["settb=\(frameSeconds)", "setpts=N", "fps=\(rate)", "setsar=1", "format=yuv420p"]
        if let fade = span.fade {
            filters.append("fade=t=\(fade.rawValue):s=0:n=\(span.frames.count)")
        }
        return filters.joined(separator: ",")
    }
}
