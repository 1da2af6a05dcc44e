/// A sound effect as a filter chain, chosen by the words that ask for it.
struct MockNoise {
    /// What a sound is made from.
    private enum Recipe: String, CaseIterable {
        case gull, bell, thunder, wind, rain, surf, steps, knock, engine, clock, fire, birds, horn, door, whoosh
    }

    private static let words: [(Recipe, [String])] = [
        (.gull, ["gull", "seagull"]), (.bell, ["bell", "chime", "gong"]),
        (.thunder, ["thunder", "explosion", "rumble"]),
        (.rain, ["rain", "drizzle", "shower"]), (.surf, ["sea", "wave", "surf", "ocean", "water", "splash"]),
        (.wind, ["wind", "breeze", "gale", "storm", "air"]), (.steps, ["step", "footstep", "walk", "run"]),
        (.knock, ["knock", "tap", "hit"]), (.engine, ["engine", "motor", "car", "train", "machine"]),
        (.clock, ["clock", "tick", "watch"]), (.fire, ["fire", "crackle", "flame", "match"]),
        (.birds, ["bird", "song", "chirp", "tweet"]), (.horn, ["horn", "foghorn", "ship", "boat"]),
        (.door, ["door", "creak", "hinge", "gate"]),
    ]

    private let recipe: Recipe
    private let dice: MockDice
    private let seed: UInt64

    init(prompt: String, seed: UInt64) {
        var dice = MockDice(seed, "noise")
        let asked = prompt.lowercased().split { !$0.isLetter }.map(String.init)
        let found = asked.lazy.compactMap { word in
            Self.words.first { row in row.1.contains { word == $0 || word == $0 + "s" } }?.0
        }.first
        recipe = found ?? .whoosh
        self.seed = dice.next() % 1_000_000
        self.dice = dice
    }

    /// The graph's text; ends at the label `noise`, exactly `samples` long.
    func graph(samples: Int, rate: Int) -> String {
        let seconds = Double(samples) / Double(rate)
        let fall = min(0.25, seconds / 4)
        return source(seconds, rate) + ",aresample=\(rate),aformat=sample_fmts=flt:channel_layouts=mono,"
            + "alimiter=limit=0.8:level=0,atrim=end_sample=\(samples),asetpts=N/SR/TB,"
            + "afade=t=out:st=\(Self.plain(max(0, seconds - fall))):d=\(Self.plain(fall)),apad=whole_len=\(samples),"
            + "atrim=end_sample=\(samples)[noise]\n"
    }

    private func source(_ seconds: Double, _ rate: Int) -> String {
        var dice = dice
        let length = Self.plain(seconds + 0.1)
        func noise(_ color: String, _ amplitude: Double) -> String {
            "anoisesrc=c=\(color):d=\(length):a=\(Self.plain(amplitude)):seed=\(seed):r=\(rate)"
        }
        func tone(_ expression: String) -> String { "aevalsrc=exprs='\(expression)':s=\(rate):d=\(length)" }
        /// Loudness over time, for noise.
        func shaped(_ expression: String) -> String { "volume='\(expression)':eval=frame" }
        let pitch = dice.number(0.9...1.12)
        let pace = dice.number(0.85...1.15)
        switch recipe {
        case .gull:
            let call = "mod(t,\(Self.plain(0.9 * pace)))"
            return tone(
                "st(0,\(call));0.32*exp(-5*ld(0))*min(1,ld(0)*30)*(sin(2*PI*\(Self.plain(1500 * pitch))*ld(0)-40*ld(0)*ld(0)*ld(0)*PI+9*sin(2*PI*3*ld(0)))+0.4*sin(2*PI*\(Self.plain(3100 * pitch))*ld(0)+18*sin(2*PI*3*ld(0))))"
            )
        case .bell:
            let base = 420 * pitch
            let partials = [(1.0, 0.5, 1.1), (2.0, 0.35, 1.6), (2.41, 0.25, 2.1), (3.0, 0.18, 2.8), (4.52, 0.1, 4.0)]
            let strike = "mod(t,\(Self.plain(2.6 * pace)))"
            let sum = partials.map {
                "\($1)*exp(-\($2)*ld(0))*sin(2*PI*\(Self.plain(base * $0))*ld(0))"
            }.joined(separator: "+")
            return tone("st(0,\(strike));0.45*min(1,ld(0)*400)*(\(sum))")
        case .thunder:
            return noise("brown", 0.95) + ",lowpass=f=190,lowpass=f=320,"
                + shaped("6*exp(-1.3*t)*min(1,t*6)*(0.65+0.35*sin(2*PI*2.7*t)*sin(2*PI*1.1*t))")
        case .wind:
            return noise("pink", 0.7) + ",bandpass=f=\(Self.plain(430 * pitch)):width_type=q:w=0.9,"
                + shaped("1.3*(0.55+0.3*sin(2*PI*0.23*t+1)+0.15*sin(2*PI*0.61*t))")
        case .rain: return noise("white", 0.16) + ",highpass=f=900,lowpass=f=7500," + shaped("0.9+0.1*sin(2*PI*0.4*t)")
        case .surf:
            return noise("pink", 0.7) + ",lowpass=f=1500,"
                + shaped("0.25+0.75*pow(0.5+0.5*sin(2*PI*\(Self.plain(0.17 * pace))*t-1.2),2)")
        case .steps: return noise("brown", 0.9) + ",lowpass=f=700,highpass=f=60," + shaped(pulse(0.52 * pace, 26, 5))
        case .knock: return noise("pink", 0.9) + ",lowpass=f=900," + shaped(pulse(0.24, 40, 4))
        case .engine:
            let base = Self.plain(46 * pitch)
            return tone(
                "0.3*sin(2*PI*\(base)*t)+0.2*sin(4*PI*\(base)*t+sin(2*PI*3*t))+0.14*sin(6*PI*\(base)*t)*(0.7+0.3*sin(2*PI*11*t))+0.03*(random(1)-0.5)"
            )
        case .clock:
            return tone("st(0,mod(t,0.5));0.5*exp(-120*ld(0))*sin(2*PI*(2300+500*gte(mod(t,1),0.5))*ld(0))")
        case .fire:
            return noise("pink", 0.4) + ",highpass=f=250,"
                + shaped("0.25+1.6*gt(sin(2*PI*7.3*t)*sin(2*PI*3.1*t+1)*sin(2*PI*11.7*t),0.42)")
        case .birds:
            return tone(
                "st(0,mod(t,\(Self.plain(0.42 * pace))));0.25*min(1,ld(0)*80)*exp(-16*ld(0))*sin(2*PI*\(Self.plain(3300 * pitch))*ld(0)+7*sin(2*PI*21*ld(0)))*gt(sin(2*PI*0.31*t+0.5),-0.3)"
            )
        case .horn:
            let base = Self.plain(92 * pitch)
            return tone(
                "0.5*min(1,t*3)*(sin(2*PI*\(base)*t)+0.5*sin(4*PI*\(base)*t)+0.33*sin(6*PI*\(base)*t)+0.2*sin(8*PI*\(base)*t))*0.5"
            )
        case .door:
            return tone(
                "st(0,2*PI*(\(Self.plain(170 * pitch))*t+38*sin(2*PI*0.9*t)));0.2*(sin(ld(0))+0.5*sin(2.1*ld(0))+0.3*sin(3.3*ld(0)))*(0.5+0.5*sin(2*PI*17*t))*min(1,t*8)"
            )
        case .whoosh:
            return noise("pink", 0.8) + ",bandpass=f=\(Self.plain(700 * pitch)):width_type=q:w=0.7,"
                + shaped("1.4*exp(-pow((t-\(Self.plain(seconds * 0.4)))/\(Self.plain(max(0.05, seconds * 0.22))),2))")
        }
    }

    /// Short beats of noise: loudness over time.
    private func pulse(_ period: Double, _ decay: Double, _ gain: Double) -> String {
        "\(Self.plain(gain))*exp(-\(Self.plain(decay))*mod(t,\(Self.plain(period))))"
    }

    private static func plain(_ value: Double) -> String {
        let scaled = Int((value * 10_000).rounded())
        let fraction = "\(abs(scaled) % 10_000)"
        return
            "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
    }
}
