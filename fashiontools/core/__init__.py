"""What every command shares: the manifest, images, options, errors, output folders."""
