import Composition
import MediaFiles
import StudioCore
import SystemPackage
import Testing

struct PictureArgumentsTests {
    private let profile = DeliveryProfile(width: 1280, height: 720, frameRate: FrameRate(24))
    private var arguments: PictureArguments { PictureArguments(profile: profile, recipe: .standard) }
    private let encoder =
        "-c:v libx264 -preset veryfast -crf 20 -threads 2 -g 48 -keyint_min 48 -sc_threshold 0 -bf 2 -pix_fmt yuv420p "
        + "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -flags +cgop+bitexact -an "
    private let container =
        "-video_track_timescale 90000 -map_metadata -1 -fflags +bitexact -movflags +faststart -f mp4 out.mp4"
    private let input = "-f mov -protocol_whitelist file,pipe -i"

    private func source(_ name: String, frames: Int, size: (Int, Int) = (1280, 720)) -> PictureSource {
        PictureSource(
            segment: .init(shot: name, input: name, frames: frames, startFrame: 0, transition: .cut),
            path: FilePath("/media/\(name).mp4"),
            facts: PictureFacts(
                frames: frames, width: size.0, height: size.1, timescale: 90_000, ticks: 3_750, cutFrames: [0],
                signature: SpliceSignature(standingFor: name)))
    }

    @Test func `a cut seeks to its first frame and counts packets`() {
        #expect(
            arguments.cut("/media/a.mp4", 0..<84, to: "out.mp4").joined(separator: " ")
                == "\(input) /media/a.mp4 -map 0:v:0 -c copy -frames:v 84 \(container)")
        #expect(
            arguments.cut("/media/a.mp4", 7..<84, to: "out.mp4").joined(separator: " ")
                == "-ss 0.291667 \(input) /media/a.mp4 -map 0:v:0 -c copy -frames:v 77 \(container)")
    }

    @Test func `a remux keeps every frame and sets the timescale`() {
        #expect(
            arguments.remux("/media/a.mp4", to: "out.mp4").joined(separator: " ")
                == "\(input) /media/a.mp4 -map 0:v:0 -c copy \(container)")
    }

    @Test func `normalising scales, pads and puts frames on the grid`() {
        let spans = [PicturePiece.Span(shot: 0, frames: 0..<96, conform: true)]
        let made = arguments.encode(spans, sources: [source("a", frames: 96, size: (854, 480))], to: "out.mp4")
        let expected = """
            -xerror -err_detect explode \(input) /media/a.mp4 -filter_complex \
            [0:v:0]fps=24/1,scale=1280:720:force_original_aspect_ratio=decrease:flags=lanczos\
            :out_color_matrix=bt709:out_range=tv,pad=1280:720:(ow-iw)/2:(oh-ih)/2,\
            tpad=stop=-1:stop_mode=clone,trim=start_frame=0:end_frame=96,settb=1/24,setpts=N,fps=24/1,\
            setsar=1,format=yuv420p[p0];[p0]null[v] -map [v] \(encoder)\(container)
            """
        #expect(made.joined(separator: " ") == expected)
    }

    @Test func `a fade joins two spans, a late one is sought half a frame early`() {
        let spans = [
            PicturePiece.Span(shot: 0, frames: 84..<96, fade: .fall), .init(shot: 1, frames: 0..<12, fade: .rise),
        ]
        let sources = [source("a", frames: 96), source("b", frames: 48)]
        let expected = """
            -xerror -err_detect explode -ss 3.479167 \(input) /media/a.mp4 -err_detect explode \(input) /media/b.mp4 \
            -filter_complex [0:v:0]trim=start_frame=0:end_frame=12,settb=1/24,setpts=N,fps=24/1,setsar=1,\
            format=yuv420p,fade=t=out:s=0:n=12[p0];[1:v:0]trim=start_frame=0:end_frame=12,settb=1/24,setpts=N,\
            fps=24/1,setsar=1,format=yuv420p,fade=t=in:s=0:n=12[p1];[p0][p1]concat=n=2:v=1:a=0[v] \
            -map [v] \(encoder)\(container)
            """
        let made = arguments.encode(spans, sources: sources, to: "out.mp4")
        #expect(made.joined(separator: " ") == expected)
    }

    @Test func `a dissolve is one frame longer than the overlap on either side`() {
        let made = arguments.dissolve(
            .init(shot: 0, frames: 24..<36), .init(shot: 1, frames: 0..<12),
            sources: [source("a", frames: 36), source("b", frames: 48)], to: "out.mp4")
        #expect(made.contains { $0.contains("xfade=transition=fade:duration=0.541667:offset=-0.041667") })
        #expect(made.contains { $0.contains("[0:v:0]trim=start_frame=24:end_frame=36") })
    }

    @Test func `lengths in the list never add up to a drift`() {
        let list = FilmArguments(profile: profile).list([("a.mp4", 1), ("b.mp4", 1), ("c.mp4", 1), ("d.mp4", 24)])
        #expect(
            list == """
                ffconcat version 1.0
                file a.mp4
                duration 41667us
                file b.mp4
                duration 41666us
                file c.mp4
                duration 41667us
                file d.mp4
                duration 1000000us

                """)
    }

    @Test func `the film is joined by copying, every time put back on the grid`() {
        let made = FilmArguments(profile: profile).join(
            list: "picture.ffconcat", sound: "sound.m4a", title: "-i /etc/passwd", to: "film.mp4")
        #expect(
            made == [
                "-f", "concat", "-protocol_whitelist", "file,pipe", "-format_whitelist",
                "concat,mov,mp4,m4a,3gp,3g2,mj2",
                "-i", "picture.ffconcat", "-f", "mov", "-protocol_whitelist", "file,pipe", "-i", "sound.m4a",
                "-map", "0:v:0", "-map", "1:a:0", "-c", "copy", "-bsf:v",
                "setts=pts=round(round(PTS*TB/(1/24))*(1/24)/TB):dts=round(round(DTS*TB/(1/24))*(1/24)/TB)",
                "-video_track_timescale", "90000", "-movie_timescale", "48000", "-map_metadata", "-1",
                "-metadata", "title=-i /etc/passwd", "-flags", "+bitexact", "-fflags", "+bitexact",
                "-movflags", "+faststart", "-f", "mp4", "film.mp4",
            ])
    }
}
