namespace Koopman.Plots

open System
open Koopman
open Plotly.NET
open Plotly.NET.LayoutObjects
open TorchSharp

/// <summary>Layout and grey scale of a grid of images.</summary>
type ImageGridOptions =
    {
        /// <summary>Images per row.</summary>
        Across: int
        /// <summary>The maximum number of rows; further images are left out.</summary>
        Down: int
        /// <summary>The value shown as black, or as zero intensity of a colour channel.</summary>
        Black: float
        /// <summary>The value shown as white, or as full intensity of a colour channel.</summary>
        White: float
    }

/// <summary>Charts of images.</summary>
[<RequireQualifiedAccess>]
module ImagePlot =

    /// <summary>At most 4 rows of 16 images, with values from 0 to 1.</summary>
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

    /// One grid image of N images (channels, height, width), row by row, the channels of a pixel adjacent.
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
        // White between the images.
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

    /// <summary>Images of equal size in a grid, from left to right and top to bottom.</summary>
    /// <param name="options">The layout, and the values of black and white; values beyond are clipped, and NaN is black.</param>
    /// <param name="title">The title.</param>
    /// <param name="images">(N, H, W) or (N, C, H, W) with C = 1 (grey) or C = 3 (red, green, blue); of any real dtype, on any device.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no images, their shape is not one of these, or the options are invalid.</exception>
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

    /// <summary>Grey images from the points of samples, stored row by row.</summary>
    /// <param name="options">The layout, and the values of black and white; values beyond are clipped.</param>
    /// <param name="title">The title.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="samples">Of dimension height · width.</param>
    /// <exception cref="T:Koopman.KoopmanException">The dimension is not height · width, or the options are invalid.</exception>
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
                "Give a height and a width whose product is the dimension"

        draw options title samples.Count 1 height width (Samples.values samples)
