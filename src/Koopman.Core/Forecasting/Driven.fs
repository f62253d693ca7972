namespace Koopman

/// Standardised trajectories less what known inputs add to them.
[<NoComparison; NoEquality>]
type internal Driven =
    {
        Effect: InputEffect option
        /// Of each trajectory, column after column.
        Inputs: float[][][]
        /// Of each trajectory without the effect, column after column; they begin as many rows later as past inputs act.
        Series: float[][][]
    }

[<RequireQualifiedAccess>]
module internal Driven =

    /// <summary>Learns the effect of the inputs, if there are any, from the first rows of each trajectory.</summary>
    let learn
        (options: ForecastOptions)
        (rows: int[])
        (inputs: float[][][] option)
        (standard: float[][][])
        : Outcome<Driven> =
        match inputs with
        | None ->
            Ok
                {
                    Effect = None
                    Inputs = [||]
                    Series = standard
                }
        | Some inputs ->
            InputEffect.fit options.InputLags rows inputs standard
            |> Result.map (fun effect ->
                {
                    Effect = Some effect
                    Inputs = inputs
                    Series = Array.map2 (InputEffect.remove effect) inputs standard
                })

    /// The number of rows that are missing at the beginning of each trajectory.
    let skipped (driven: Driven) : int =
        match driven.Effect with
        | None -> 0
        | Some effect -> effect.Lags

    /// Rows of the trajectories as rows of those without the effect.
    let cuts (driven: Driven) (rows: int[]) : int[] =
        rows |> Array.map (fun row -> row - skipped driven)

    /// The last rows of the inputs of the last trajectory, which act on the rows that follow.
    let tail (driven: Driven) : float[][] =
        if driven.Inputs.Length = 0 then
            [||]
        else
            driven.Inputs[driven.Inputs.Length - 1]
            |> Array.map (fun input -> Array.skip (input.Length - skipped driven) input)
