/// A film of four short shots in which every kind of task occurs.
enum PipelineFilm {
    /// 24 + 36 + 24 + 30 frames, less the dissolve's 6.
    static let frames = 108
    /// Prompts; four videos, two lines, one lipsync, one effect, one piece of music; the film.
    static let tasks = 11

    static let specification = """
        {
            "film": {"title": "Small Film", "fps": 24, "size": "320x180", "seed": 7, "expand_prompts": true,
                     "style": "ink wash, muted blues"},
            "characters": {"mara": {"description": "harbour pilot, red coat", "voice": "slt"}},
            "places": {"pier": {"description": "long wooden pier in fog"}},
            "music": [{"prompt": "slow cello", "from": "0s", "to": "end", "gain_db": -10}],
            "shots": [
                {"id": "s01", "duration": "1s", "video": {"prompt": "Fog lies on a harbour", "entities": ["pier"]},
                 "effects": [{"prompt": "one gull", "at": "0.2s", "duration": "0.5s", "gain_db": -6}]},
                {"id": "s02", "duration": "36f", "video": {"prompt": "Mara waits", "entities": ["mara", "pier"]},
                 "dialogue": [{"by": "mara", "at": "0.1s", "line": "They are late."}], "lipsync": true},
                {"id": "s03", "duration": "1s", "video": {"prompt": "A lantern is lit", "entities": ["mara"]},
                 "transition": {"kind": "dissolve", "duration": "6f"}},
                {"id": "s04", "duration": "30f", "video": {"prompt": "The sun breaks through"},
                 "dialogue": [{"by": "mara", "at": "0s", "line": "There."}]}
            ]
        }
        """
}
