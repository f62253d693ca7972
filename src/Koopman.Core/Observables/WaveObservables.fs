namespace Koopman

open System
open TorchSharp

/// Which waves there are of given frequencies.
[<NoComparison>]
type internal WaveSettings =
    {
        HasConstant: bool
        /// The frequencies, from the first, of the nested dictionary.
        Nested: int
        Amplitude: float
        Description: string
        Length: float option
    }

/// Plane waves a cos(ω·x) and a sin(ω·x) for frequencies ω in the rows of (m, d), the cosines first. With a constant, the first
/// frequency is 0 and has no sine, and its cosine has amplitude 1. The given number of leading frequencies forms the nested dictionary.
[<Sealed>]
type internal WaveObservables(frequencies: Tensor, settings: WaveSettings) =
    inherit
        Observables(
            int frequencies.shape[1],
            2 * int frequencies.shape[0] - (if settings.HasConstant then 1 else 0),
            settings.Description
        )

    let hasConstant, nested = settings.HasConstant, settings.Nested

    let all = frequencies.shape[0]

    /// The row of the first frequency that has a sine.
    let start = if hasConstant then 1L else 0L

    /// The frequency of every function (N, d).
    let directions =
        new Constant(
            Tensors.own (fun () -> torch.cat ([| frequencies; frequencies.narrow (0L, start, all - start) |], 0L))
        )

    let amplitudes =
        new Constant(
            Tensors.own (fun () ->
                let values =
                    torch.full_like (directions.Tensor.select (1L, 0L), Tensors.num settings.Amplitude)

                if hasConstant then
                    values.narrow(0L, 0L, 1L).fill_(Tensors.num 1.0) |> ignore

                values)
        )

    let frequencies' = new Constant(frequencies)

    /// The functions, or their derivatives by the phase.
    let waves (derivative: bool) (points: Tensor) : Tensor =
        let phase = points.times ((frequencies'.For points).t())

        let of' (cosine: Tensor) (sine: Tensor) =
            torch.cat ([| cosine; sine.narrow (1L, start, all - start) |], 1L)
            * amplitudes.For points

        if derivative then
            of' (-phase.sin()) (phase.cos ())
        else
            of' (phase.cos ()) (phase.sin ())

    let along (points: Tensor) (axis: int) : Tensor =
        (directions.For points).select(1L, int64 axis)

    override _.LengthScale: Nullable<float> = Option.toNullable settings.Length

    override _.Coarser: int[] =
        if nested < 1 then
            [||]
        else
            Array.append [| 0 .. nested - 1 |] [| int all .. int all + nested - 1 - int start |]

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> waves false points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () -> waves true points * along points axis)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () -> waves false points * (-(along points first * along points second)))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> (waves true points).times(directions.For points * coefficients.unsqueeze 1L))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // ∇ψ_i·∇ψ_j is a product of two waves times ω_i·ω_j.
            let slope, directions = waves true points, directions.For points

            slope.t().times(slope * weights.unsqueeze 1L)
            * directions.times (directions.t ()))

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            // 𝓛 e^{iω·x} = (i b·ω - ½ ωᵀaω) e^{iω·x}.
            let motion, directions = motion.For points, directions.For points
            let curvature = Tensors.zeros [| points.shape[0]; directions.shape[0] |] points

            for i in 0 .. int directions.shape[1] - 1 do
                for j in i .. int directions.shape[1] - 1 do
                    match motion.Entry(i, j) with
                    | None -> ()
                    | Some a ->
                        let twice = Tensors.num (if i = j then 0.5 else 1.0)

                        curvature.addcmul_ (a, (along points i * along points j).unsqueeze 0L, twice)
                        |> ignore

            (waves true points).mul_(motion.Drift.times (directions.t ())).sub_(curvature.mul_ (waves false points)))

    override _.Free() : unit =
        frequencies'.Dispose()
        directions.Dispose()
        amplitudes.Dispose()

    static member Kind: string = "waves"

    static member private Settings: Codec<WaveSettings, WaveSettings> =
        codec {
            let! hasConstant = Codec.flag<WaveSettings> "constant" _.HasConstant
            and! nested = Codec.int<WaveSettings> "nested" _.Nested
            and! amplitude = Codec.positive<WaveSettings> "amplitude" _.Amplitude
            and! description = Codec.text<WaveSettings> "description" _.Description
            // No length is 0.
            and! length =
                Codec.float<WaveSettings> "length" (fun settings -> defaultArg settings.Length 0.0)

            return
                {
                    HasConstant = hasConstant
                    Nested = nested
                    Amplitude = amplitude
                    Description = description
                    Length = if length > 0.0 then Some length else None
                }
        }

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf WaveObservables.Kind (WaveObservables.Settings.Put settings) [ "frequencies", frequencies ])

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! settings = WaveObservables.Settings.Take recipe.Settings
            let! frequencies = Recipe.matrix "frequencies" recipe

            do!
                Recipe.demand
                    (settings.Nested >= 0 && int64 settings.Nested <= frequencies.shape[0])
                    $"{settings.Nested} frequencies cannot make up the nested dictionary"
                    recipe

            return new WaveObservables(Tensors.copy frequencies, settings)
        }
