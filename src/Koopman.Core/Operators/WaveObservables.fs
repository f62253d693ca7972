namespace Koopman

open System
open TorchSharp

/// Plane waves a cos(ω·x) and a sin(ω·x) for frequencies ω in the rows of (m, d), the cosines first. With a constant, the first
/// frequency is 0 and has no sine, and its cosine has amplitude 1. The first so many frequencies make up the nested dictionary.
[<Sealed>]
type internal WaveObservables
    (frequencies: Tensor, hasConstant: bool, nested: int, amplitude: float, description: string, length: float option) =
    inherit
        Observables(
            int frequencies.shape[1],
            2 * int frequencies.shape[0] - (if hasConstant then 1 else 0),
            description
        )

    let all = frequencies.shape[0]

    /// The row of the first frequency that has a sine.
    let start = if hasConstant then 1L else 0L

    /// The frequency of every function (N, d).
    let directions =
        Tensors.own (fun () -> torch.cat ([| frequencies; frequencies.narrow (0L, start, all - start) |], 0L))

    let amplitudes =
        Tensors.own (fun () ->
            let values =
                torch.full ([| 2L * all - start |], Tensors.num amplitude, dtype = torch.float64)

            if hasConstant then
                values.narrow(0L, 0L, 1L).fill_(Tensors.num 1.0) |> ignore

            values)

    /// The functions, or what their derivative by the phase makes of them.
    let waves (derivative: bool) (points: Tensor) : Tensor =
        let phase = points.times (frequencies.t ())

        let of' (cosine: Tensor) (sine: Tensor) =
            torch.cat ([| cosine; sine.narrow (1L, start, all - start) |], 1L) * amplitudes

        if derivative then
            of' (-phase.sin()) (phase.cos ())
        else
            of' (phase.cos ()) (phase.sin ())

    let along (axis: int) : Tensor = directions.select (1L, int64 axis)

    override _.Length: float option = length

    override _.Nested: int[] option =
        if nested < 1 then
            None
        else
            Some(Array.append [| 0 .. nested - 1 |] [| int all .. int all + nested - 1 - int start |])

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> waves false points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () -> waves true points * along axis)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () -> waves false points * (-(along first * along second)))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> (waves true points).times(directions * coefficients.unsqueeze 1L))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // ∇ψ_i·∇ψ_j is a product of two waves times ω_i·ω_j.
            let slope = waves true points

            slope.t().times(slope * weights.unsqueeze 1L)
            * directions.times (directions.t ()))

    override _.GeneratorOf(points: Tensor, motion: Motion) : Tensor =
        Tensors.keep (fun () ->
            // 𝓛 e^{iω·x} = (i b·ω - ½ ωᵀaω) e^{iω·x}.
            let curvature =
                torch.zeros (points.shape[0], directions.shape[0], dtype = torch.float64)

            for i in 0 .. int directions.shape[1] - 1 do
                for j in i .. int directions.shape[1] - 1 do
                    match motion.Entry(i, j) with
                    | None -> ()
                    | Some a ->
                        let twice = Tensors.num (if i = j then 0.5 else 1.0)
                        curvature.addcmul_ (a, (along i * along j).unsqueeze 0L, twice) |> ignore

            (waves true points).mul_(motion.Drift.times (directions.t ())).sub_(curvature.mul_ (waves false points)))

    override _.Dispose() : unit =
        frequencies.Dispose()
        directions.Dispose()
        amplitudes.Dispose()

    static member Kind: string = "waves"

    interface IRecipe with
        member this.Recipe() =
            Ok(
                Recipe.leaf
                    WaveObservables.Kind
                    [
                        "constant", Fields.ofFlag hasConstant
                        "nested", Fields.ofInt nested
                        "amplitude", Fields.ofFloat amplitude
                        "description", Fields.ofText this.Description
                        // No length is 0.
                        "length", Fields.ofFloat (defaultArg length 0.0)
                    ]
                    [ "frequencies", frequencies ]
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! hasConstant = Fields.flag "constant" recipe.Settings
            let! nested = Fields.int "nested" recipe.Settings
            let! amplitude = Fields.float "amplitude" recipe.Settings
            let! description = Fields.text "description" recipe.Settings
            let! length = Fields.float "length" recipe.Settings
            let! frequencies = Recipe.tensor "frequencies" recipe

            return
                new WaveObservables(
                    Tensors.copy frequencies,
                    hasConstant,
                    nested,
                    amplitude,
                    description,
                    (if length > 0.0 then Some length else None)
                )
        }

/// <summary>Trigonometric functions: further members of the module <c>Observables</c>.</summary>
[<AutoOpen>]
module WaveFamilies =

    /// <summary>Makes observables of sines and cosines.</summary>
    [<RequireQualifiedAccess>]
    module Observables =

        /// How many integer vectors of d entries have Σ|k| ≤ highest.
        let private latticePoints (highest: int) (dimension: int) : float =
            Seq.sum
                [
                    for j in 0 .. min highest dimension ->
                        Math.Pow(2.0, float j)
                        * MathNet.Numerics.SpecialFunctions.Binomial(dimension, j)
                        * MathNet.Numerics.SpecialFunctions.Binomial(highest, j)
                ]

        /// All integer vectors of d entries with Σ|k| = total.
        let rec private waveVectors (dimension: int) (total: int) : int list seq =
            seq {
                for k in (if dimension = 1 then [ total ] else [ total .. -1 .. 0 ]) do
                    for sign in (if k = 0 then [ 1 ] else [ 1; -1 ]) do
                        if dimension = 1 then
                            [ sign * k ]
                        else
                            for rest in waveVectors (dimension - 1) (total - k) do
                                sign * k :: rest
            }

        /// <summary>
        /// Functions periodic in a box: the constant, then √2 cos(2π Σ k_i x_i/p_i), then the same sines, for all wave vectors k with
        /// 0 &lt; Σ|k_i| ≤ <paramref name="highest"/>, one of k and -k, by rising Σ|k_i|. Orthonormal in the uniform law on the box.
        /// </summary>
        /// <param name="highest">The highest total wave number, at least 1. In one dimension there are 1 + 2·highest functions.</param>
        /// <param name="periods">The period p_i of every coordinate (d), in units of the data.</param>
        /// <returns>The functions, or an error if a period is not positive or there would be more than 20,000 of them.</returns>
        let fourier (highest: int) (periods: float[]) : Outcome<Observables> =
            let d = periods.Length

            if highest < 1 || d < 1 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"Fourier functions to wave number {highest} in {d} dimensions are not a dictionary"
                    "Choose a wave number of at least 1 and give one period for every coordinate"
            elif periods |> Array.exists (fun p -> not (Double.IsFinite p) || p <= 0.0) then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The periods of Fourier functions must be positive lengths"
                    "Give the period of every coordinate in units of the data, for example 2π for an angle"
            elif latticePoints highest d > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {latticePoints highest d:N0} Fourier functions to wave number {highest} in {d} dimensions"
                    "Lower the wave number, or use random Fourier features"
            else
                let vectors =
                    [|
                        yield List.replicate d 0
                        for total in 1..highest do
                            yield!
                                waveVectors d total
                                |> Seq.filter (fun k -> List.find (fun entry -> entry <> 0) k > 0)
                    |]

                let frequencies =
                    vectors
                    |> Array.collect (fun k ->
                        Array.map2 (fun entry period -> 2.0 * Math.PI * float entry / period) (Array.ofList k) periods)
                    |> Tensors.ofRows vectors.Length

                Ok(
                    new WaveObservables(
                        frequencies.DetachFromDisposeScope(),
                        true,
                        (if highest < 2 then
                             0
                         else
                             int (latticePoints (highest - 1) d + 1.0) / 2),
                        sqrt 2.0,
                        $"{2 * vectors.Length - 1} Fourier functions to wave number {highest}",
                        None
                    )
                )

        /// <summary>
        /// Random Fourier features (Rahimi and Recht 2007): cos(ω·x)/√m and sin(ω·x)/√m for m frequencies ω drawn from N(0, 1/σ²), so that
        /// ψ(x)·ψ(y) is the Gaussian kernel exp(-|x-y|²/2σ²) in the mean, with error about 1/√m. A kernel method at the price of 2m functions.
        /// </summary>
        /// <param name="count">The number of frequencies m; there are 2m functions, the cosines first.</param>
        /// <param name="width">The kernel's σ, in units of the data.</param>
        /// <param name="seed">Of the frequencies.</param>
        /// <param name="dimension">d.</param>
        let randomFourier (count: int) (width: float) (seed: Seed) (dimension: int) : Outcome<Observables> =
            if count < 1 || count > 10_000 || dimension < 1 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"{count} random frequencies in {dimension} dimensions are not a dictionary"
                    "Choose 1 to 10,000 frequencies; 100 to 500 are usual"
            elif not (Double.IsFinite width) || width <= 0.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The width of the kernel must be positive, but is {width}"
                    "Give a length in the units of the data, for example half the median distance of two points"
            else
                let frequencies =
                    Tensors.own (fun () -> Seed.normal [| int64 count; int64 dimension |] seed / width)

                Ok(
                    new WaveObservables(
                        frequencies,
                        false,
                        count / 2,
                        1.0 / sqrt (float count),
                        $"{2 * count} random Fourier features of width {width:G3}",
                        Some width
                    )
                )
