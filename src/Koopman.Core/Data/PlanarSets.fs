namespace Koopman

open System

/// <summary>
/// A law in the plane for testing generative models, with mean 0 and variance 1 along both axes. It consists of parts of equal
/// probability (modes, arcs, cells), so that a sample can be stratified.
/// </summary>
[<NoComparison; NoEquality>]
type PlanarSet =
    {
        /// <summary>The name in commands and reports.</summary>
        Name: string
        /// <summary>The number of parts of equal probability.</summary>
        Parts: int
        /// <summary>True if the parts are curves: a stratified sample is then even along them too.</summary>
        IsCurve: bool
        /// <summary>
        /// A point of a part (from 0) from two numbers uniform on [0,1), the first of which is the position along a curve, and two standard
        /// normal ones, the noise.
        /// </summary>
        Place: Func<int, struct (float * float), struct (float * float), struct (float * float)>
    }

    override this.ToString() : string = this.Name

/// <summary>Two-dimensional data sets for generators.</summary>
[<RequireQualifiedAccess>]
module PlanarSets =

    let private alongCurve
        (name: string)
        (parts: int)
        (noise: float)
        (mean: struct (float * float))
        (variance: struct (float * float))
        (curve: int -> float -> struct (float * float))
        : PlanarSet =
        let struct (meanX, meanY) = mean
        let struct (varianceX, varianceY) = variance
        // The noise adds to the variance of the curve.
        let scaleX, scaleY =
            sqrt (varianceX + noise * noise), sqrt (varianceY + noise * noise)

        {
            Name = name
            Parts = parts
            IsCurve = true
            Place =
                Func<_, _, _, _>(fun part (struct (u, _)) (struct (a, b)) ->
                    let struct (x, y) = curve part u
                    struct ((x + noise * a - meanX) / scaleX, (y + noise * b - meanY) / scaleY))
        }

    /// <summary>Eight Gaussians of standard deviation .0894 around a circle of radius √2. The spread adds .008 to the variance of 1.</summary>
    let eightGaussians: PlanarSet =
        {
            Name = "eight-gaussians"
            Parts = 8
            IsCurve = false
            Place =
                Func<_, _, _, _>(fun part _ (struct (a, b)) ->
                    let angle = float part * Math.PI / 4.0
                    // Radius 5 and variance .1 of the literature, scaled.
                    let radius, spread = sqrt 2.0, sqrt 0.1 * sqrt 2.0 / 5.0
                    struct (radius * cos angle + spread * a, radius * sin angle + spread * b))
        }

    /// <summary>Two interleaved half circles (cos t, sin t) and (1 - cos t, ½ - sin t) with noise .05, then standardised: noise .058 and .101.</summary>
    let moons: PlanarSet =
        let shift = 2.0 / Math.PI - 0.25

        alongCurve
            "moons"
            2
            0.05
            (struct (0.5, 0.25))
            (struct (0.75, 0.5 - 4.0 / (Math.PI * Math.PI) + shift * shift))
            (fun part u ->
                let t = Math.PI * u

                if part = 0 then
                    struct (cos t, sin t)
                else
                    struct (1.0 - cos t, 0.5 - sin t))

    /// <summary>The eight cells of one colour of a board of 4 by 4 on [-√3, √3]², uniform in each.</summary>
    let checkerboard: PlanarSet =
        {
            Name = "checkerboard"
            Parts = 8
            IsCurve = false
            Place =
                Func<_, _, _, _>(fun part (struct (u, v)) _ ->
                    let row = part / 2
                    let column = 2 * (part % 2) + row % 2
                    let cell = sqrt 3.0 / 2.0
                    struct (cell * (float column + u - 2.0), cell * (float row + v - 2.0)))
        }

    /// <summary>Two spirals ±θ(-cos θ, sin θ) for θ = 3π√u with noise .3, then standardised: about even along the arms.</summary>
    let spirals: PlanarSet =
        let last = 3.0 * Math.PI

        alongCurve
            "spirals"
            2
            0.3
            (struct (0.0, 0.0))
            // E θ²cos²θ and E θ²sin²θ under the density 2θ/(3π)².
            (struct (last * last / 4.0 + 0.75, last * last / 4.0 - 0.75))
            (fun part u ->
                let theta = last * sqrt u
                let sign = if part = 0 then 1.0 else -1.0
                struct (-sign * theta * cos theta, sign * theta * sin theta))

    /// <summary>The curve (sin t, sign(t)(cos t - 1)) for t uniform on [-3π/2, 3π/2] with noise .05, then standardised.</summary>
    let sCurve: PlanarSet =
        alongCurve "s-curve" 1 0.05 (struct (0.0, 0.0)) (struct (0.5, 1.5 + 4.0 / (3.0 * Math.PI))) (fun _ u ->
            let t = 3.0 * Math.PI * (u - 0.5)
            struct (sin t, float (sign t) * (cos t - 1.0)))

    /// <summary>All sets.</summary>
    let all: PlanarSet list = [ eightGaussians; moons; checkerboard; spirals; sCurve ]

    /// <summary>The names that <c>byName</c> knows.</summary>
    let names: string list = all |> List.map _.Name

    /// <summary>A set by its name in commands.</summary>
    let byName (name: string) : Outcome<PlanarSet> =
        match all |> List.tryFind (fun set -> set.Name = name) with
        | Some set -> Ok set
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no planar set named '{name}'"
                ("Choose one of " + String.Join(", ", names))

    /// Points whose part and position along it are chosen by a function of their index and a uniform number.
    let private points
        (choose: int -> float -> float -> struct (int * float))
        (set: PlanarSet)
        (count: int)
        (seed: Seed)
        : Outcome<Samples> =
        if count < 2 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{count} points of the set {set.Name} were requested"
                "Ask for at least 2"
        else
            use uniform = Seed.uniform [| int64 count; 3L |] (Seed.derive "places" seed)
            use normal = Seed.normal [| int64 count; 2L |] (Seed.derive "noise" seed)
            let u, z = Tensors.toArray uniform, Tensors.toArray normal
            let values = Array.zeroCreate (2 * count)

            for i in 0 .. count - 1 do
                let struct (part, along) = choose i u[3 * i] u[3 * i + 1]

                let struct (x, y) =
                    set.Place.Invoke(part, struct (along, u[3 * i + 2]), struct (z[2 * i], z[2 * i + 1]))

                values[2 * i] <- x
                values[2 * i + 1] <- y

            Samples.ofValues 2 values

    /// <summary>Independent draws.</summary>
    let draw (set: PlanarSet) (count: int) (seed: Seed) : Outcome<Samples> =
        points (fun _ part along -> struct (int (part * float set.Parts), along)) set count (Seed.derive set.Name seed)

    /// <summary>
    /// A reference sample: equally many points in every part (up to one if the parts do not divide the count), and along curves one
    /// in each of that many equal pieces. Distances between two such samples are far smaller than between independent draws, so that distances to a
    /// generator's samples are less noisy. Consecutive points lie in different parts.
    /// </summary>
    let stratified (set: PlanarSet) (count: int) (seed: Seed) : Outcome<Samples> =
        let choose (i: int) (_: float) (along: float) =
            let part, place = i % set.Parts, i / set.Parts
            let size = (count - part + set.Parts - 1) / set.Parts

            struct (part,
                    (if set.IsCurve then
                         (float place + along) / float size
                     else
                         along))

        points choose set count (Seed.derive $"{set.Name} stratified" seed)
