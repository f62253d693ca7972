namespace Koopman.Plots

open System
open Koopman
open Plotly.NET
open Plotly.NET.LayoutObjects
open TorchSharp

/// <summary>Layout and grey scale of a grid of images.</summary>
type ImageGridOptions =
    {
        /// <summary>Images side by side.</summary>
        Across: int
        /// <summary>Rows of images at most; what follows is left out.</summary>
        Down: int
        /// <summary>The value that is black, or without a colour.</summary>
        Black: float
        /// <summary>The value that is white, or of full colour.</summary>
        White: float
    }

/// <summary>Charts of images.</summary>
[<RequireQualifiedAccess>]
module ImagePlot =

    /// <summary>16 images side by side in 4 rows at most, of values from 0 to 1.</summary>
    [<CompiledName("Defaults")>]
    let defaults: ImageGridOptions =
        {
            Across = 16
            Down = 4
            Black = 0.0
            White = 1.0
        }

    /// Pixels between two images.
    let private gap = 1

    /// Of N images (channels, height, width) one, row by row, the channels of a pixel side by side.
    let private mosaic
        (options: ImageGridOptions)
        (count: int)
        (channels: int)
        (height: int)
        (width: int)
        (values: float[])
        : int * int * float[] =
        let across = min options.Across count
        let down = (count + across - 1) / across
        let rows = down * (height + gap) - gap
        let columns = across * (width + gap) - gap
        // Between the images there is white, as on paper.
        let pixels = Array.create (rows * columns * channels) 1.0

        for image in 0 .. count - 1 do
            let top, left = image / across * (height + gap), image % across * (width + gap)

            for channel in 0 .. channels - 1 do
                for y in 0 .. height - 1 do
                    for x in 0 .. width - 1 do
                        let value = values[((image * channels + channel) * height + y) * width + x]

                        pixels[((top + y) * columns + left + x) * channels + channel] <-
                            (value - options.Black) / (options.White - options.Black)

        rows, columns, pixels

    let private draw (options: ImageGridOptions) (title: string) (count: int) channels height width (values: float[]) =
        if options.Across < 1 || options.Down < 1 || not (options.White <> options.Black) then
            Checks.refuse
                $"{options.Across} images across, {options.Down} down, from {options.Black} to {options.White}"
                "Give at least 1 across and 1 down, and two different values"

        let count = min count (options.Across * options.Down)
        let rows, columns, pixels = mosaic options count channels height width values

        let layout =
            Layout.init (Width = 940, Height = 110 + 900 * rows / columns)
            |> Layout.setLinearAxis (StyleParam.SubPlotId.XAxis 1, LinearAxis.init (Visible = false))
            |> Layout.setLinearAxis (StyleParam.SubPlotId.YAxis 1, LinearAxis.init (Visible = false))

        Trace2D.initImage (
            Trace2DStyle.Image(
                Name = $"{count} images of {height} x {width} pixels",
                Source = Png.dataUri channels rows columns pixels,
                HoverInfo = StyleParam.HoverInfo.Skip
            )
        )
        |> fun trace -> [ trace :> Trace ]
        |> Figure.complete title layout

    /// <summary>Images of one size in rows, from the left and from the top.</summary>
    /// <param name="options">The layout, and which values are black and white; values beyond are clipped and NaN is black.</param>
    /// <param name="title">What the images show.</param>
    /// <param name="images">(N, H, W) or (N, C, H, W) with C = 1, grey, or 3, red, green and blue; of any real type and device.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no images, the shape is another, or the options make no sense.</exception>
    [<CompiledName("Grid")>]
    let grid (options: ImageGridOptions) (title: string) (images: torch.Tensor) : GenericChart =
        let shape = images.shape |> Array.map int

        let count, channels, height, width =
            match shape with
            | [| n; h; w |] -> n, 1, h, w
            | [| n; c; h; w |] when c = 1 || c = 3 -> n, c, h, w
            | _ ->
                let found = String.Join(", ", shape)
                Checks.refuse $"Images of shape ({found})" "Give (N, H, W), (N, 1, H, W) or (N, 3, H, W)"

        Checks.notEmpty "images" "Give at least one" (count * height * width)
        let most = int64 (min count (max 1 (options.Across * options.Down)))
        use _ = torch.NewDisposeScope()

        let some =
            images.detach().narrow(0L, 0L, most).``to``(torch.CPU).to_type(torch.float64).contiguous()

        draw options title (int most) channels height width (Tensors.toArray some)

    /// <summary>Grey images that are the points of samples, row by row.</summary>
    /// <param name="options">The layout, and which values are black and white; values beyond are clipped.</param>
    /// <param name="title">What the images show.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="samples">Of dimension height · width.</param>
    /// <exception cref="T:Koopman.KoopmanException">The dimension is another, or the options make no sense.</exception>
    [<CompiledName("OfSamples")>]
    let ofSamples
        (options: ImageGridOptions)
        (title: string)
        (height: int)
        (width: int)
        (samples: Samples)
        : GenericChart =
        if height < 1 || width < 1 || height * width <> samples.Dimension then
            Checks.refuse
                $"Images of {height} x {width} pixels from points of dimension {samples.Dimension}"
                "Give the height and the width whose product the dimension is"

        draw options title samples.Count 1 height width (Samples.values samples)
