/// The film that `studio init` writes as a first example.
package enum SampleFilm {
    /// A run spec in YAML.
    package static let yaml = #"""
        # Harbour at Dawn: nine shots, 35.5 seconds. Render it with: studio render film.yaml --out film.mp4
        film:
          title: Harbour at Dawn
          fps: 24
          size: 1280x720
          language: en
          seed: 7
          style: "ink wash, muted blues, one warm light"
          expand_prompts: true      # a language model adds detail to every prompt first

        # policy:                   # of the run; without it: batch, 3 attempts, no deadline, any worker
        #   {priority: interactive, attempts_max: 5, deadline: 2h, requires: {vram_mib: 24576, labels: {zone: eu}}}
        characters:                 # shots name them, so that they look and sound the same everywhere
          mara: {description: "harbour pilot, 40, red coat, short grey hair", voice: slt}
          ben: {description: "keeper of the light, 60, white beard, wool cap", voice: rms}
        places:
          pier: {description: "long wooden pier that ends in fog"}
          tower: {description: "lamp room of a lighthouse, brass and wet glass"}
        music:
          - {prompt: "slow cello over soft strings", from: 0s, to: end, gain_db: -10}

        shots:                      # times are seconds (4s, 0.5s) or frames (96f), from the beginning of the shot
          - id: s01
            duration: 4s
            video: {prompt: "Dawn. Fog lies on a small harbour, masts stand out of it", entities: [pier]}
            effects: [{prompt: "one gull cries, far away", at: 1s, duration: 1.5s, gain_db: -6}]
          - id: s02
            duration: 4s
            video: {prompt: "Mara waits at the end of the pier and looks out", entities: [mara, pier]}
            dialogue: [{by: mara, at: 1s, line: "They should be home."}]
          - id: s03
            duration: 4s
            video: {prompt: "Close on Ben beside the dark lamp", entities: [ben, tower]}
            dialogue: [{by: ben, at: 0.5s, line: "The lamp is dead, Mara."}]
            lipsync: true           # the mouth follows the dialogue
          - id: s04
            duration: 3s
            video: {prompt: "Mara lights an old storm lantern", entities: [mara, pier]}
          - id: s05
            duration: 4s
            video: {prompt: "Mara steps into a rowing boat, lantern in hand", entities: [mara, pier]}
            dialogue: [{by: mara, at: 1s, line: "Then I will be the light."}]
            lipsync: true
          - id: s06                 # shares its first half second with the end of s05
            duration: 4s
            video: {prompt: "The boat rows into the fog, a small warm point", entities: [mara]}
            transition: {kind: dissolve, duration: 12f}
          - id: s07
            duration: 4s
            video: {prompt: "Ben at the wet glass counts under his breath", entities: [ben, tower]}
            dialogue: [{by: ben, at: 1s, line: "One sail. Two. Three."}]
          - id: s08
            duration: 4s
            video: {prompt: "Three fishing boats glide out of the fog behind the lantern"}
            effects: [{prompt: "a ship's bell rings twice", at: 0.5s, duration: 2s, gain_db: -4}]
          - id: s09                 # s08 goes to black, this one comes out of it
            duration: 5s
            video: {prompt: "The sun breaks through over the full harbour", entities: [pier]}
            transition: {kind: fade, frames: 24}

        """#
}
