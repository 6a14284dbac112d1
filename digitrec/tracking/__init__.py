"""Parts of the tracker: what a track believes, how tracks meet glyphs, how the page moved, how numbers hold."""
