extension MockNoise {
    /// The chain that makes the sound, a little longer than `seconds`.
    func source(_ seconds: Double, _ rate: Int) -> String {
        var dice = dice
        let pitch = dice.number(0.9...1.12)
        let pace = dice.number(0.85...1.15)
        let length = (seconds + 0.1).decimal
        if let expression = tone(pitch: pitch, pace: pace) {
            return "aevalsrc=exprs='\(expression)':s=\(rate):d=\(length)"
        }
        let noise = noise(seconds, pitch: pitch, pace: pace)
        // The envelope is worked out once a frame: short frames make it smooth.
        return "anoisesrc=c=\(noise.color):d=\(length):a=\(noise.amplitude.decimal):seed=\(seed):r=\(rate),"
            + "\(noise.filters),asetnsamples=n=128,volume='\(noise.envelope)':eval=frame"
    }

    /// The wave of a sound that has a pitch, over the time `t`; `nil` for sounds made of noise.
    private func tone(pitch: Double, pace: Double) -> String? {
        switch recipe {
        case .gull:
            // A cry that falls, with a tremble in it, again and again.
            "st(0,mod(t,\((0.9 * pace).decimal)));0.32*exp(-5*ld(0))*min(1,ld(0)*30)*"
                + "(sin(2*PI*\((1_500 * pitch).decimal)*ld(0)-40*PI*pow(ld(0),3)+9*sin(6*PI*ld(0)))"
                + "+0.4*sin(2*PI*\((3_100 * pitch).decimal)*ld(0)+18*sin(6*PI*ld(0))))"
        case .bell: bell(pitch: 420 * pitch, every: 2.6 * pace)
        case .engine:
            "st(0,2*PI*\((46 * pitch).decimal)*t);0.2*sin(ld(0))+0.14*sin(2*ld(0)+sin(6*PI*t))"
                + "+0.1*sin(3*ld(0))*(0.7+0.3*sin(22*PI*t))+0.03*(random(1)-0.5)"
        case .clock: "st(0,mod(t,0.5));0.5*exp(-120*ld(0))*sin(2*PI*(2300+500*gte(mod(t,1),0.5))*ld(0))"
        case .birds:
            "st(0,mod(t,\((0.42 * pace).decimal)));0.25*min(1,ld(0)*80)*exp(-16*ld(0))*"
                + "sin(2*PI*\((3_300 * pitch).decimal)*ld(0)+7*sin(42*PI*ld(0)))*gt(sin(2*PI*0.31*t+0.5),-0.3)"
        case .horn:
            "st(0,2*PI*\((92 * pitch).decimal)*t);0.2*min(1,t*3)*"
                + "(sin(ld(0))+0.5*sin(2*ld(0))+0.33*sin(3*ld(0))+0.2*sin(4*ld(0)))"
        case .door:
            "st(0,2*PI*(\((170 * pitch).decimal)*t+38*sin(1.8*PI*t)));0.2*min(1,t*8)*(0.5+0.5*sin(34*PI*t))*"
                + "(sin(ld(0))+0.5*sin(2.1*ld(0))+0.3*sin(3.3*ld(0)))"
        case .thunder, .wind, .rain, .surf, .steps, .knock, .fire, .whoosh: nil
        }
    }

    /// Partials of a bell, each fading in its own time.
    private func bell(pitch: Double, every period: Double) -> String {
        let partials = [(1.0, 0.5, 1.1), (2.0, 0.35, 1.6), (2.41, 0.25, 2.1), (3.0, 0.18, 2.8), (4.52, 0.1, 4.0)]
        let sum = partials.map { ratio, level, decay in
            "\(level)*exp(-\(decay)*ld(0))*sin(2*PI*\((pitch * ratio).decimal)*ld(0))"
        }
        return "st(0,mod(t,\(period.decimal)));0.45*min(1,ld(0)*400)*(\(sum.joined(separator: "+")))"
    }

    /// Coloured noise, what is left of it, and its loudness over the time `t`.
    private func noise(
        _ seconds: Double, pitch: Double, pace: Double
    ) -> (color: String, amplitude: Double, filters: String, envelope: String) {
        switch recipe {
        case .thunder:
            let roll = "6*exp(-1.3*t)*min(1,t*6)*(0.65+0.35*sin(2*PI*2.7*t)*sin(2*PI*1.1*t))"
            return ("brown", 0.95, "lowpass=f=190,lowpass=f=320", roll)
        case .wind:
            let band = "bandpass=f=\((430 * pitch).decimal):width_type=q:w=0.9"
            return ("pink", 0.7, band, "1.3*(0.55+0.3*sin(2*PI*0.23*t+1)+0.15*sin(2*PI*0.61*t))")
        case .rain: return ("white", 0.16, "highpass=f=900,lowpass=f=7500", "0.9+0.1*sin(2*PI*0.4*t)")
        case .surf:
            let swell = "0.25+0.75*pow(0.5+0.5*sin(2*PI*\((0.17 * pace).decimal)*t-1.2),2)"
            return ("pink", 0.7, "lowpass=f=1500", swell)
        case .steps: return ("brown", 0.9, "lowpass=f=700,highpass=f=60", beat(every: 0.52 * pace, decay: 26, gain: 5))
        case .knock: return ("pink", 0.9, "lowpass=f=900", beat(every: 0.24, decay: 40, gain: 4))
        case .fire:
            let crackle = "0.25+1.6*gt(sin(2*PI*7.3*t)*sin(2*PI*3.1*t+1)*sin(2*PI*11.7*t),0.42)"
            return ("pink", 0.4, "highpass=f=250", crackle)
        case .whoosh, .gull, .bell, .engine, .clock, .birds, .horn, .door:
            let (middle, width) = ((seconds * 0.4).decimal, max(0.05, seconds * 0.22).decimal)
            let band = "bandpass=f=\((700 * pitch).decimal):width_type=q:w=0.7"
            return ("pink", 0.8, band, "1.4*exp(-pow((t-\(middle))/\(width),2))")
        }
    }

    /// Short beats: loudness over time.
    private func beat(every period: Double, decay: Double, gain: Double) -> String {
        "\(gain.decimal)*exp(-\(decay.decimal)*mod(t,\(period.decimal)))"
    }
}
