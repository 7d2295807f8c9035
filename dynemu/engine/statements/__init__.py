"""PartiQL statements on the engine of the native operations.

    text -> recognise -> Prepared (trees, literals; kept by text, literals taken out)
         -> plan_for -> SelectPlan or WritePlan (kept by Prepared and Table)
         -> read_select, or an Action of a write

Nothing is evaluated, paged or charged here: conditions become nodes of ``_core.conditions``, updates those of
``_core.updates``, key conditions go through ``engine.planner`` and ``engine.reads``.
"""
